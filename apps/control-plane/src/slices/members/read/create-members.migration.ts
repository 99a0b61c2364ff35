import { isolateTable } from '@sallyport/event-log-postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

import { letSignInRead } from '../../../platform/persistence/sign-in-role.js';

/** The members. A name is unique among the present ones of an organisation. */
export class CreateMembers1763700000030 implements MigrationInterface {
  readonly name = 'CreateMembers1763700000030';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE members (
      organisation_id uuid NOT NULL,
      member_id uuid NOT NULL,
      name text NOT NULL,
      role text NOT NULL,
      added_at timestamptz NOT NULL,
      removed_at timestamptz,
      added_revision integer NOT NULL,
      revision integer NOT NULL,
      PRIMARY KEY (organisation_id, member_id)
    )`);
    await runner.query('CREATE UNIQUE INDEX members_by_name ON members (organisation_id, name) WHERE removed_at IS NULL');
    await runner.query('CREATE INDEX members_by_revision ON members (organisation_id, added_revision)');
    for (const statement of isolateTable('members', ['SELECT', 'INSERT', 'UPDATE', 'DELETE'])) await runner.query(statement);
    for (const statement of letSignInRead('members')) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE members');
  }
}
