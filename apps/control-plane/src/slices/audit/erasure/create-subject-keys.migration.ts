import { isolateTable } from '@sallyport/event-log-postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The keys that kept argument values are sealed under, one for each identity from its first kept value to its erasure. They are here and
 * nowhere else: in no event, on no broker and at no worker. Destroyed, the row says when, and nothing brings `wrapped_key` back.
 */
export class CreateSubjectKeys1763700000280 implements MigrationInterface {
  readonly name = 'CreateSubjectKeys1763700000280';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_subject_keys');
  }
}

const STATEMENTS = [
  `CREATE TABLE audit_subject_keys (
    organisation_id uuid NOT NULL,
    key_id uuid NOT NULL,
    identity_id uuid NOT NULL,
    wrapped_key text,
    made_at timestamptz NOT NULL,
    destroyed_at timestamptz,
    PRIMARY KEY (organisation_id, key_id),
    CHECK ((wrapped_key IS NULL) = (destroyed_at IS NOT NULL))
  )`,
  // One row at most is used, and the newest destroyed one says from when on calls may be kept again.
  'CREATE UNIQUE INDEX audit_subject_keys_used ON audit_subject_keys (organisation_id, identity_id) WHERE destroyed_at IS NULL',
  'CREATE INDEX audit_subject_keys_destroyed ON audit_subject_keys (organisation_id, identity_id, destroyed_at) WHERE destroyed_at IS NOT NULL',
  ...isolateTable('audit_subject_keys', ['SELECT', 'INSERT', 'UPDATE']),
];
