import { isolateTable } from '@sallyport/event-log-postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The policies and their versions. A name is unique in an organisation; a version is never changed. */
export class CreatePolicies1763700000070 implements MigrationInterface {
  readonly name = 'CreatePolicies1763700000070';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE policies (
      organisation_id uuid NOT NULL,
      policy_id uuid NOT NULL,
      name text COLLATE "C" NOT NULL,
      latest_version integer NOT NULL,
      live_version integer,
      created_at timestamptz NOT NULL,
      revision integer NOT NULL,
      PRIMARY KEY (organisation_id, policy_id),
      UNIQUE (organisation_id, name)
    )`);
    await runner.query(`CREATE TABLE policy_versions (
      organisation_id uuid NOT NULL,
      policy_id uuid NOT NULL,
      version integer NOT NULL,
      document text NOT NULL,
      document_hash text NOT NULL,
      note text NOT NULL,
      mode text NOT NULL,
      restores_version integer,
      published_at timestamptz NOT NULL,
      revision integer NOT NULL,
      PRIMARY KEY (organisation_id, policy_id, version)
    )`);
    for (const statement of isolateTable('policies', ['SELECT', 'INSERT', 'UPDATE', 'DELETE'])) await runner.query(statement);
    for (const statement of isolateTable('policy_versions', ['SELECT', 'INSERT', 'DELETE'])) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE policy_versions');
    await runner.query('DROP TABLE policies');
  }
}
