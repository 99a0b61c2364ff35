import type { MigrationInterface, QueryRunner } from 'typeorm';

import { FOLLOWER_ROLE, SERVING_ROLE } from '../serving-role.js';

/**
 * Creates the two roles where the cluster lacks them. Roles belong to the cluster, not to the database: another
 * database may have them already, or be making them now. One that could step around row level security is refused.
 */
export class CreateRoles1763700000001 implements MigrationInterface {
  readonly name = 'CreateRoles1763700000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const role of [SERVING_ROLE, FOLLOWER_ROLE]) {
      await runner.query(createRole(role));
      await runner.query(refuseMighty(role));
      await runner.query(letMigratorBecome(role));
      await runner.query(`DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO ${role}', current_schema()); END $$`);
    }
  }

  /** Leaves the roles: other databases of the cluster may use them. */
  async down(runner: QueryRunner): Promise<void> {
    for (const role of [SERVING_ROLE, FOLLOWER_ROLE]) {
      await runner.query(`DO $$ BEGIN EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM ${role}', current_schema()); END $$`);
    }
  }
}

function createRole(role: string): string {
  return `DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
      CREATE ROLE ${role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT;
    END IF;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $$`;
}

function refuseMighty(role: string): string {
  return `DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}' AND (rolsuper OR rolbypassrls)) THEN
      RAISE EXCEPTION 'role ${role} steps around row level security: alter it to NOSUPERUSER NOBYPASSRLS and start again';
    END IF;
  END $$`;
}

/** A superuser may become anyone; another login needs the membership, which from PostgreSQL 16 on says SET apart from ADMIN. */
function letMigratorBecome(role: string): string {
  return `DO $$ BEGIN
    IF NOT pg_has_role(current_user, '${role}', CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
      EXECUTE format('GRANT ${role} TO %I', current_user);
    END IF;
  END $$`;
}
