import { isolateTable, roleStatements } from '@sallyport/event-log-postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

import { AUDIT_ROLE, letAuditSee } from './audit-role.js';

/**
 * The streams of audit events. `audit_heads` is where each stream stands, and the row its writers queue on; `audit_events` are the
 * events, partitioned by the month they were taken in; `audit_tiles` the hashes of the trees, `audit_signed` what was signed last
 * and the alarm, `audit_checkpoints` the signed notes. What belongs to no organisation has the nil UUID for one.
 * `audit_deployment`, `audit_keys` and `audit_head_lists` belong to the deployment: the serving role is granted nothing.
 */
export class CreateAudit1763700000200 implements MigrationInterface {
  readonly name = 'CreateAudit1763700000200';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...roleStatements(AUDIT_ROLE), ...TABLES, ...ISOLATION]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = ['audit_head_lists', 'audit_keys', 'audit_deployment', 'audit_retention', 'audit_checkpoints', 'audit_signed', 'audit_tiles', 'audit_events', 'audit_heads'];
    for (const table of tables) await runner.query(`DROP TABLE ${table}`);
    await runner.query(`DO $$ BEGIN EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM ${AUDIT_ROLE}', current_schema()); END $$`);
  }
}

const NEWEST = 'at DESC, seq DESC';

const TABLES = [
  // `key_id` is the key that the stream was told of last. `news` counts up to the newest event that is not itself about a checkpoint; `oldest_seq` is the first that retention left.
  `CREATE TABLE audit_heads (
    organisation_id uuid PRIMARY KEY,
    size bigint NOT NULL CHECK (size >= 0),
    news bigint NOT NULL CHECK (news <= size),
    oldest_seq bigint NOT NULL DEFAULT 1,
    last_hash bytea NOT NULL CHECK (length(last_hash) = 32),
    last_at timestamptz(6) NOT NULL,
    frontier bytea NOT NULL,
    start_key_id text NOT NULL,
    key_id text NOT NULL,
    key_epoch integer NOT NULL CHECK (key_epoch > 0),
    admin_revision bigint NOT NULL DEFAULT 0
  )`,
  `CREATE TABLE audit_events (
    organisation_id uuid NOT NULL,
    seq bigint NOT NULL,
    sequenced_at timestamptz(6) NOT NULL,
    event_id uuid NOT NULL,
    at timestamptz(6) NOT NULL,
    type text NOT NULL,
    family text NOT NULL,
    outcome text,
    identity_id uuid,
    server_id uuid,
    tool text,
    rule_id text,
    reason_code text,
    hash bytea NOT NULL,
    line text NOT NULL,
    PRIMARY KEY (organisation_id, seq, sequenced_at)
  ) PARTITION BY RANGE (sequenced_at)`,
  'CREATE INDEX audit_events_by_id ON audit_events (organisation_id, event_id)',
  `CREATE INDEX audit_events_newest ON audit_events (organisation_id, ${NEWEST})`,
  `CREATE INDEX audit_events_by_type ON audit_events (organisation_id, type, ${NEWEST}) WHERE type <> 'call.decided' AND type <> 'call.completed'`,
  `CREATE INDEX audit_events_by_family ON audit_events (organisation_id, family, ${NEWEST}) WHERE family <> 'call'`,
  `CREATE INDEX audit_events_by_outcome ON audit_events (organisation_id, outcome, ${NEWEST}) WHERE outcome <> 'allowed'`,
  `CREATE INDEX audit_events_by_identity ON audit_events (organisation_id, identity_id, ${NEWEST}) WHERE identity_id IS NOT NULL`,
  `CREATE INDEX audit_events_by_server ON audit_events (organisation_id, server_id, ${NEWEST}) WHERE server_id IS NOT NULL`,
  `CREATE INDEX audit_events_by_tool ON audit_events (organisation_id, tool, ${NEWEST}) WHERE tool IS NOT NULL`,
  `CREATE INDEX audit_events_by_rule ON audit_events (organisation_id, rule_id, ${NEWEST}) WHERE rule_id IS NOT NULL`,
  `CREATE INDEX audit_events_by_reason ON audit_events (organisation_id, reason_code, ${NEWEST}) WHERE reason_code IS NOT NULL`,
  `CREATE TABLE audit_tiles (
    organisation_id uuid NOT NULL,
    level smallint NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (organisation_id, level, index)
  )`,
  `CREATE TABLE audit_signed (
    organisation_id uuid PRIMARY KEY,
    size bigint NOT NULL,
    signed_at timestamptz NOT NULL,
    noted_at timestamptz NOT NULL,
    noted_size bigint NOT NULL,
    alarm text,
    alarm_at timestamptz
  )`,
  `CREATE TABLE audit_checkpoints (
    organisation_id uuid NOT NULL,
    size bigint NOT NULL,
    signed_at timestamptz NOT NULL,
    key_id text NOT NULL,
    root bytea NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (organisation_id, size)
  )`,
  `CREATE TABLE audit_retention (
    organisation_id uuid PRIMARY KEY,
    days integer CHECK (days > 0),
    legal_hold boolean NOT NULL,
    hold_reason text,
    outrun_sinks boolean NOT NULL,
    changed_at timestamptz NOT NULL
  )`,
  'CREATE TABLE audit_deployment (only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one), deployment_id uuid NOT NULL)',
  'INSERT INTO audit_deployment (deployment_id) VALUES (gen_random_uuid())',
  'CREATE TABLE audit_keys (key_id text PRIMARY KEY, public_key bytea NOT NULL, announced_at timestamptz NOT NULL, retired_at timestamptz)',
  'CREATE TABLE audit_head_lists (signed_at timestamptz PRIMARY KEY, note text NOT NULL)',
];

const ISOLATION = [
  ...isolateTable('audit_heads', ['SELECT', 'INSERT', 'UPDATE']),
  ...isolateTable('audit_events', ['SELECT', 'INSERT']),
  ...isolateTable('audit_tiles', ['SELECT', 'INSERT', 'UPDATE']),
  ...isolateTable('audit_signed', ['SELECT', 'INSERT', 'UPDATE']),
  ...isolateTable('audit_checkpoints', ['SELECT', 'INSERT', 'UPDATE']),
  ...isolateTable('audit_retention', ['SELECT', 'INSERT', 'UPDATE']),
  ...letAuditSee('audit_heads', ['SELECT']),
  ...letAuditSee('audit_events', ['SELECT', 'DELETE']),
  ...letAuditSee('audit_tiles', ['SELECT']),
  ...letAuditSee('audit_signed', ['SELECT']),
  ...letAuditSee('audit_checkpoints', ['SELECT']),
  ...letAuditSee('audit_retention', ['SELECT']),
];
