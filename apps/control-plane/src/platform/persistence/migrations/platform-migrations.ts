import { isolateTable } from '@sallyport/event-log-postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

import { SIGN_IN_ROLE } from '../sign-in-role.js';

/** The role that looks up tokens, and the answers kept for repeated requests. */
class CreatePlatform1763700000010 implements MigrationInterface {
  readonly name = 'CreatePlatform1763700000010';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of SIGN_IN_ROLE_STATEMENTS) await runner.query(statement);
    for (const statement of IDEMPOTENCY_KEYS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE idempotency_keys');
  }
}

/** Roles belong to the cluster: another database may have made this one already, or be making it now. */
const SIGN_IN_ROLE_STATEMENTS = [
  `DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${SIGN_IN_ROLE}') THEN
      CREATE ROLE ${SIGN_IN_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT;
    END IF;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $$`,
  `DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '${SIGN_IN_ROLE}' AND (rolsuper OR rolbypassrls)) THEN
      RAISE EXCEPTION 'role ${SIGN_IN_ROLE} steps around row level security: alter it to NOSUPERUSER NOBYPASSRLS and start again';
    END IF;
  END $$`,
  `DO $$ BEGIN
    IF NOT pg_has_role(current_user, '${SIGN_IN_ROLE}', CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
      EXECUTE format('GRANT ${SIGN_IN_ROLE} TO %I', current_user);
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO ${SIGN_IN_ROLE}', current_schema());
  END $$`,
];

const IDEMPOTENCY_KEYS = [
  `CREATE TABLE idempotency_keys (
    organisation_id uuid NOT NULL,
    asker text NOT NULL,
    key text NOT NULL,
    request_digest text NOT NULL,
    ids jsonb NOT NULL,
    revision bigint NOT NULL,
    kept_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, asker, key)
  )`,
  'CREATE INDEX idempotency_keys_by_time ON idempotency_keys (organisation_id, kept_at)',
  ...isolateTable('idempotency_keys', ['SELECT', 'INSERT', 'DELETE']),
];

/** The platform's own migrations, between the event log's and the slices'. */
export const platformMigrations = [CreatePlatform1763700000010];
