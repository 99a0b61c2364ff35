import { isolateTable } from '@sallyport/event-log-postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who asked to see recorded argument values, and what became of it. No values. */
export class CreateReveals1763700000220 implements MigrationInterface {
  readonly name = 'CreateReveals1763700000220';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE reveals');
  }
}

const STATEMENTS = [
  `CREATE TABLE reveals (
    organisation_id uuid NOT NULL,
    reveal_id uuid NOT NULL,
    decision_id uuid NOT NULL,
    status text NOT NULL,
    reason text NOT NULL,
    requested_by uuid NOT NULL,
    requested_at timestamptz NOT NULL,
    confirm_by timestamptz NOT NULL,
    confirmed_by uuid,
    confirmed_at timestamptz,
    read_by timestamptz,
    reads integer,
    readings integer NOT NULL,
    refused_by uuid,
    refusal_reason text,
    open_until timestamptz,
    revision integer NOT NULL,
    PRIMARY KEY (organisation_id, reveal_id)
  )`,
  'CREATE INDEX reveals_by_decision ON reveals (organisation_id, decision_id, reveal_id DESC)',
  'CREATE INDEX reveals_open ON reveals (organisation_id, open_until) WHERE open_until IS NOT NULL',
  ...isolateTable('reveals', ['SELECT', 'INSERT', 'UPDATE', 'DELETE']),
];
