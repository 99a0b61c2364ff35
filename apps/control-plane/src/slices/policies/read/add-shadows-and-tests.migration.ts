import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which version of a policy runs beside the live one, and the tests that stand beside it. `rebuildProjections` fills it for policies published before. */
export class AddShadowsAndTests1763700000071 implements MigrationInterface {
  readonly name = 'AddShadowsAndTests1763700000071';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE policies ADD COLUMN shadow_version integer, ADD COLUMN tests text, ADD COLUMN tests_required boolean NOT NULL DEFAULT false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE policies DROP COLUMN shadow_version, DROP COLUMN tests, DROP COLUMN tests_required');
  }
}
