import type { MigrationInterface, QueryRunner } from 'typeorm';

import { FOLLOWER_ROLE, SERVING_ROLE } from '../serving-role.js';
import { roleStatements } from './role-statements.js';

/**
 * Creates the two roles where the cluster lacks them. Roles belong to the cluster, not to the database: another
 * database may have them already, or be making them now. One that could step around row level security is refused.
 */
export class CreateRoles1763700000001 implements MigrationInterface {
  readonly name = 'CreateRoles1763700000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const role of [SERVING_ROLE, FOLLOWER_ROLE]) {
      for (const statement of roleStatements(role)) await runner.query(statement);
    }
  }

  /** Leaves the roles: other databases of the cluster may use them. */
  async down(runner: QueryRunner): Promise<void> {
    for (const role of [SERVING_ROLE, FOLLOWER_ROLE]) {
      await runner.query(`DO $$ BEGIN EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM ${role}', current_schema()); END $$`);
    }
  }
}
