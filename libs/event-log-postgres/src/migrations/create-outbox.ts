import type { MigrationInterface, QueryRunner } from 'typeorm';

import { isolateTable } from '../isolate-table.js';
import { RELAY_ROLE } from '../serving-role.js';
import { roleStatements } from './role-statements.js';

/**
 * What has to be published: a row an event, written in the event's transaction where a relay runs. The relay gives it its
 * position, notes when it was published, and forgets it some time later; of each organisation the newest row stays, which
 * is how the next relay knows where to go on.
 */
export class CreateOutbox1763700000003 implements MigrationInterface {
  readonly name = 'CreateOutbox1763700000003';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of roleStatements(RELAY_ROLE)) await runner.query(statement);
    for (const statement of TABLE) await runner.query(statement);
    for (const statement of isolateTable('outbox', ['SELECT', 'INSERT'])) await runner.query(statement);
    await runner.query(relayPolicy('outbox', 'ALL'));
    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO ${RELAY_ROLE}`);
    for (const table of ['organisation_heads', 'events']) {
      await runner.query(relayPolicy(table, 'SELECT'));
      await runner.query(`GRANT SELECT ON ${table} TO ${RELAY_ROLE}`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE outbox');
    for (const table of ['organisation_heads', 'events']) {
      await runner.query(`DROP POLICY relay_all ON ${table}`);
      await runner.query(`REVOKE SELECT ON ${table} FROM ${RELAY_ROLE}`);
    }
    await runner.query(`DO $$ BEGIN EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM ${RELAY_ROLE}', current_schema()); END $$`);
  }
}

/** A policy also reaches logins that inherit the role; only one that has become it may see everything. */
function relayPolicy(table: string, verb: 'ALL' | 'SELECT'): string {
  return `CREATE POLICY relay_all ON ${table} FOR ${verb} TO ${RELAY_ROLE} USING (current_user = '${RELAY_ROLE}')`;
}

const TABLE = [
  `CREATE TABLE outbox (
    organisation_id uuid NOT NULL,
    revision bigint NOT NULL CHECK (revision > 0),
    position bigint UNIQUE CHECK (position > 0),
    published_at timestamptz CHECK (published_at IS NULL OR position IS NOT NULL),
    PRIMARY KEY (organisation_id, revision)
  )`,
  'CREATE INDEX outbox_unplaced ON outbox (organisation_id, revision) WHERE position IS NULL',
  'CREATE INDEX outbox_unpublished ON outbox (position) WHERE published_at IS NULL AND position IS NOT NULL',
];
