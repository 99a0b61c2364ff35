import type { MigrationInterface, QueryRunner } from 'typeorm';

import { isolateTable } from '../isolate-table.js';
import { FOLLOWER_ROLE } from '../serving-role.js';

/**
 * The log itself. `organisation_heads` carries each organisation's counter and is the row its writers queue on;
 * `events.body` is the whole event in protobuf's JSON form, and the columns beside it are what is looked up by.
 * Nobody is granted UPDATE or DELETE of events.
 */
export class CreateEvents1763700000002 implements MigrationInterface {
  readonly name = 'CreateEvents1763700000002';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of TABLES) await runner.query(statement);
    for (const statement of isolateTable('organisation_heads', ['SELECT', 'INSERT', 'UPDATE'])) await runner.query(statement);
    for (const statement of isolateTable('events', ['SELECT', 'INSERT'])) await runner.query(statement);
    for (const table of ['organisation_heads', 'events']) {
      // A policy also reaches logins that inherit the role; only one that has become it may see everything.
      await runner.query(`CREATE POLICY follow_all ON ${table} FOR SELECT TO ${FOLLOWER_ROLE} USING (current_user = '${FOLLOWER_ROLE}')`);
      await runner.query(`GRANT SELECT ON ${table} TO ${FOLLOWER_ROLE}`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE events');
    await runner.query('DROP TABLE organisation_heads');
  }
}

const TABLES = [
  `CREATE TABLE organisation_heads (
    organisation_id uuid PRIMARY KEY,
    revision bigint NOT NULL CHECK (revision >= 0),
    updated_at timestamptz NOT NULL
  )`,
  `CREATE TABLE events (
    organisation_id uuid NOT NULL,
    revision bigint NOT NULL CHECK (revision > 0),
    object_kind text NOT NULL,
    object_id text NOT NULL,
    object_version integer NOT NULL CHECK (object_version > 0),
    event_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    type text NOT NULL,
    type_version integer NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (organisation_id, revision),
    UNIQUE (organisation_id, object_kind, object_id, object_version),
    UNIQUE (organisation_id, event_id)
  )`,
  'CREATE INDEX events_by_time ON events (organisation_id, occurred_at)',
];
