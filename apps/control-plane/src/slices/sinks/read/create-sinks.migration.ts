import { FOLLOWER_ROLE, isolateTable } from '@sallyport/event-log-postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The sinks; what is kept of each one's export with the lease of who exports, and its dead letters; and the last challenge that was
 * sent to each. Control planes look for sinks of every organisation as the follower, who reads which sinks there are and nothing
 * else of these.
 */
export class CreateSinks1763700000210 implements MigrationInterface {
  readonly name = 'CreateSinks1763700000210';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of TABLES) await runner.query(statement);
    for (const table of ['sinks', 'sink_deliveries', 'sink_dead_letters', 'sink_challenges']) {
      for (const statement of isolateTable(table, ['SELECT', 'INSERT', 'UPDATE', 'DELETE'])) await runner.query(statement);
    }
    for (const statement of FOLLOWED) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['sink_challenges', 'sink_dead_letters', 'sink_deliveries', 'sinks']) await runner.query(`DROP TABLE ${table}`);
  }
}

const TABLES = [
  `CREATE TABLE sinks (
    organisation_id uuid NOT NULL,
    sink_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    sink_type text NOT NULL,
    settings text NOT NULL,
    credential_names text NOT NULL,
    credential_seals text NOT NULL,
    filter text NOT NULL,
    format text NOT NULL,
    format_version text,
    confirmed text,
    paused text,
    after_seq bigint NOT NULL,
    created_at timestamptz NOT NULL,
    revision integer NOT NULL,
    PRIMARY KEY (organisation_id, sink_id),
    UNIQUE (organisation_id, name)
  )`,
  `CREATE TABLE sink_deliveries (
    organisation_id uuid NOT NULL,
    sink_id uuid NOT NULL,
    revision bigint NOT NULL,
    cursor bigint NOT NULL,
    progress text NOT NULL,
    fence bigint NOT NULL DEFAULT 0,
    holder text,
    held_until timestamptz,
    PRIMARY KEY (organisation_id, sink_id)
  )`,
  `CREATE TABLE sink_dead_letters (
    organisation_id uuid NOT NULL,
    sink_id uuid NOT NULL,
    seq bigint NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    reason text NOT NULL,
    at_ms bigint NOT NULL,
    state text NOT NULL,
    settled_at_ms bigint,
    settled_by text,
    PRIMARY KEY (organisation_id, sink_id, seq)
  )`,
  `CREATE INDEX sink_dead_letters_waiting ON sink_dead_letters (organisation_id, sink_id, seq) WHERE state = 'waiting'`,
  `CREATE TABLE sink_challenges (
    organisation_id uuid NOT NULL,
    sink_id uuid NOT NULL,
    sent_at timestamptz NOT NULL,
    code_digest text,
    code_at timestamptz,
    attempts integer NOT NULL,
    PRIMARY KEY (organisation_id, sink_id)
  )`,
];

const FOLLOWED = [`CREATE POLICY followed ON sinks FOR SELECT TO ${FOLLOWER_ROLE} USING (current_user = '${FOLLOWER_ROLE}')`, `GRANT SELECT (organisation_id, sink_id, revision, confirmed, paused) ON sinks TO ${FOLLOWER_ROLE}`];
