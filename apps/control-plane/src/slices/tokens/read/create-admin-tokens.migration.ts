import { isolateTable } from '@sallyport/event-log-postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

import { letSignInRead } from '../../../platform/persistence/sign-in-role.js';

/** The admin tokens by their keyed hashes, and when each was last used. */
export class CreateAdminTokens1763700000040 implements MigrationInterface {
  readonly name = 'CreateAdminTokens1763700000040';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE token_uses');
    await runner.query('DROP TABLE admin_tokens');
  }
}

const STATEMENTS = [
  `CREATE TABLE admin_tokens (
    organisation_id uuid NOT NULL,
    token_id uuid NOT NULL,
    member_id uuid NOT NULL,
    role text NOT NULL,
    operator boolean NOT NULL,
    public_id text NOT NULL,
    secret_hash text NOT NULL,
    label text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revision integer NOT NULL,
    PRIMARY KEY (organisation_id, token_id)
  )`,
  'CREATE INDEX admin_tokens_by_public_id ON admin_tokens (public_id)',
  'CREATE INDEX admin_tokens_by_revision ON admin_tokens (organisation_id, revision)',
  `CREATE TABLE token_uses (
    organisation_id uuid NOT NULL,
    token_id uuid NOT NULL,
    last_used_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, token_id)
  )`,
  ...isolateTable('admin_tokens', ['SELECT', 'INSERT', 'UPDATE', 'DELETE']),
  ...isolateTable('token_uses', ['SELECT', 'INSERT', 'UPDATE']),
  ...letSignInRead('admin_tokens'),
];
