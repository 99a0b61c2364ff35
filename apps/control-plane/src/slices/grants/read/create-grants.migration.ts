import { isolateTable } from '@sallyport/event-log-postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The grants. */
export class CreateGrants1763700000080 implements MigrationInterface {
  readonly name = 'CreateGrants1763700000080';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE grants (
      organisation_id uuid NOT NULL,
      grant_id uuid NOT NULL,
      identity_id uuid NOT NULL,
      server_id uuid NOT NULL,
      policy_id uuid NOT NULL,
      labels text NOT NULL,
      status text NOT NULL,
      tokens text NOT NULL,
      issued_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      revoked_at timestamptz,
      revocation_reason text,
      issued_revision integer NOT NULL,
      revision integer NOT NULL,
      PRIMARY KEY (organisation_id, grant_id)
    )`);
    await runner.query('CREATE INDEX grants_by_revision ON grants (organisation_id, issued_revision)');
    await runner.query('CREATE INDEX grants_by_identity ON grants (organisation_id, identity_id)');
    await runner.query('CREATE INDEX grants_by_server ON grants (organisation_id, server_id)');
    await runner.query(`CREATE INDEX grants_to_expire ON grants (organisation_id, expires_at) WHERE status = 'active'`);
    for (const statement of isolateTable('grants', ['SELECT', 'INSERT', 'UPDATE', 'DELETE'])) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE grants');
  }
}
