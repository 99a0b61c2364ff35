import { isolateTable } from '@sallyport/event-log-postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The servers, and what was approved of their tools. A slug is unique in an organisation. */
export class CreateServers1763700000060 implements MigrationInterface {
  readonly name = 'CreateServers1763700000060';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE servers (
      organisation_id uuid NOT NULL,
      server_id uuid NOT NULL,
      slug text COLLATE "C" NOT NULL,
      status text NOT NULL,
      transport text NOT NULL,
      url text,
      header_names text NOT NULL,
      timeout_ms integer NOT NULL,
      created_at timestamptz NOT NULL,
      revision integer NOT NULL,
      PRIMARY KEY (organisation_id, server_id),
      UNIQUE (organisation_id, slug)
    )`);
    await runner.query(`CREATE TABLE server_listings (
      organisation_id uuid NOT NULL,
      server_id uuid NOT NULL,
      eras text NOT NULL,
      protocol_versions text NOT NULL,
      server_info text NOT NULL,
      tools text NOT NULL,
      rejected text NOT NULL,
      changed text NOT NULL,
      approved_at timestamptz NOT NULL,
      PRIMARY KEY (organisation_id, server_id)
    )`);
    for (const table of ['servers', 'server_listings']) {
      for (const statement of isolateTable(table, ['SELECT', 'INSERT', 'UPDATE', 'DELETE'])) await runner.query(statement);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE server_listings');
    await runner.query('DROP TABLE servers');
  }
}
