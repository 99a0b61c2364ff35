import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What administrators say of a server's tools stands beside the server: it outlives every listing. */
export class AddToolLabels1763700000061 implements MigrationInterface {
  readonly name = 'AddToolLabels1763700000061';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE servers ADD COLUMN tool_labels text NOT NULL DEFAULT '[]'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE servers DROP COLUMN tool_labels');
  }
}
