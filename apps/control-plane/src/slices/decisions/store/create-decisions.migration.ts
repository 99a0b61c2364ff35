import { isolateTable } from '@sallyport/event-log-postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One row a decision, filled by two records that may come in any order and more than once. The key is the decision's
 * id, a UUIDv7, so the table can be partitioned by ranges of it when it grows. `identity_names` is a projection that
 * lets a list show names.
 */
export class CreateDecisions1763700000060 implements MigrationInterface {
  readonly name = 'CreateDecisions1763700000060';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE decisions');
    await runner.query('DROP TABLE identity_names');
  }
}

const LISTED = 'WHERE decided_seq IS NOT NULL AND outcome IS NOT NULL';

const STATEMENTS = [
  `CREATE TABLE decisions (
    organisation_id uuid NOT NULL,
    decision_id uuid NOT NULL,
    decided_incarnation uuid,
    decided_seq bigint,
    at timestamptz(3),
    effect text,
    method text,
    tool text,
    definition_hash text,
    server_id uuid,
    server_slug text,
    identity_id uuid,
    grant_id uuid,
    token_id uuid,
    policy_id uuid,
    policy_version integer,
    revision bigint,
    rule_id text,
    argument_keys jsonb,
    arguments_digest text,
    arguments_bytes bigint,
    charges jsonb,
    charged_until timestamptz(3),
    protocol_version text,
    session_id text,
    client_name text,
    source_ip text,
    request_id text,
    durability text,
    completed_incarnation uuid,
    completed_seq bigint,
    completed_at timestamptz(3),
    outcome text,
    reason_code text,
    response_status text,
    http_status integer,
    rpc_code integer,
    result_bytes bigint,
    duration_us bigint,
    upstream_us bigint,
    charges_released boolean,
    PRIMARY KEY (organisation_id, decision_id)
  )`,
  `CREATE INDEX decisions_newest ON decisions (organisation_id, at DESC, decision_id DESC) ${LISTED}`,
  `CREATE INDEX decisions_by_identity ON decisions (organisation_id, identity_id, at DESC, decision_id DESC) ${LISTED}`,
  `CREATE INDEX decisions_by_server ON decisions (organisation_id, server_id, at DESC, decision_id DESC) ${LISTED}`,
  `CREATE INDEX decisions_by_tool ON decisions (organisation_id, tool, at DESC, decision_id DESC) ${LISTED}`,
  `CREATE INDEX decisions_by_grant ON decisions (organisation_id, grant_id, at DESC, decision_id DESC) ${LISTED}`,
  `CREATE INDEX decisions_not_allowed ON decisions (organisation_id, outcome, at DESC, decision_id DESC) ${LISTED} AND outcome <> 'allowed'`,
  `CREATE INDEX decisions_by_reason ON decisions (organisation_id, reason_code, at DESC, decision_id DESC) ${LISTED} AND reason_code IS NOT NULL`,
  'CREATE INDEX decisions_charged ON decisions (organisation_id, charged_until) WHERE charged_until IS NOT NULL',
  ...isolateTable('decisions', ['SELECT', 'INSERT', 'UPDATE']),
  `CREATE TABLE identity_names (
    organisation_id uuid NOT NULL,
    identity_id uuid NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (organisation_id, identity_id)
  )`,
  'CREATE INDEX identity_names_by_name ON identity_names (organisation_id, name)',
  ...isolateTable('identity_names', ['SELECT', 'INSERT', 'UPDATE', 'DELETE']),
];
