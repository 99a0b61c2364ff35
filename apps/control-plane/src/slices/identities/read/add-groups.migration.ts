import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The groups an identity is in; whoever was there before is in none. */
export class AddGroups1763700000051 implements MigrationInterface {
  readonly name = 'AddGroups1763700000051';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE identities ADD COLUMN groups text NOT NULL DEFAULT '[]'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE identities DROP COLUMN groups');
  }
}
