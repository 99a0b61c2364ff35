import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which records of each start of a worker are stored. A worker numbers its records 1, 2, 3 …, so what is missing below the
 * newest one was lost. It belongs to the deployment, not to an organisation: the serving role is granted nothing.
 */
export class CreateAuditIncarnations1763700000070 implements MigrationInterface {
  readonly name = 'CreateAuditIncarnations1763700000070';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE audit_incarnations (incarnation uuid PRIMARY KEY, stored int8multirange NOT NULL, stored_at timestamptz NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_incarnations');
  }
}
