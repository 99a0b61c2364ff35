import { isolateTable } from '@sallyport/event-log-postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The identities. A name is unique in an organisation. */
export class CreateIdentities1763700000050 implements MigrationInterface {
  readonly name = 'CreateIdentities1763700000050';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE identities (
      organisation_id uuid NOT NULL,
      identity_id uuid NOT NULL,
      name text COLLATE "C" NOT NULL,
      kind text NOT NULL,
      labels text NOT NULL,
      status text NOT NULL,
      created_at timestamptz NOT NULL,
      revision integer NOT NULL,
      PRIMARY KEY (organisation_id, identity_id),
      UNIQUE (organisation_id, name)
    )`);
    for (const statement of isolateTable('identities', ['SELECT', 'INSERT', 'UPDATE', 'DELETE'])) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE identities');
  }
}
