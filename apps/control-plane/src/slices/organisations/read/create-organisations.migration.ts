import { isolateTable } from '@sallyport/event-log-postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

import { letSignInRead } from '../../../platform/persistence/sign-in-role.js';

/** The organisations. A slug is unique in the deployment; only operators, who see every organisation, can learn so. */
export class CreateOrganisations1763700000020 implements MigrationInterface {
  readonly name = 'CreateOrganisations1763700000020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE organisations (
      organisation_id uuid PRIMARY KEY,
      slug text NOT NULL UNIQUE,
      name text NOT NULL,
      audit_durability text NOT NULL,
      freshness_mode text NOT NULL,
      fail_static_max_age_seconds integer NOT NULL,
      wrapped_key text NOT NULL,
      created_at timestamptz NOT NULL,
      revision integer NOT NULL
    )`);
    for (const statement of isolateTable('organisations', ['SELECT', 'INSERT', 'UPDATE', 'DELETE'])) await runner.query(statement);
    for (const statement of letSignInRead('organisations')) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE organisations');
  }
}
