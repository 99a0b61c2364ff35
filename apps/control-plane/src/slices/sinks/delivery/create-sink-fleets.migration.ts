import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which control planes are there to export, so that they share the sinks out. It belongs to the deployment, not to an organisation: no role is granted anything. */
export class CreateSinkFleets1763700000270 implements MigrationInterface {
  readonly name = 'CreateSinkFleets1763700000270';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE sink_fleets (fleet text PRIMARY KEY, present_until timestamptz NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE sink_fleets');
  }
}
