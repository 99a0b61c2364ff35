import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = ['approvals jsonb', 'sealed_arguments text', 'shadows jsonb', 'answer_rule_id text', 'removed jsonb', 'removed_count bigint'];

/** What decisions say beyond the call itself: approvals asked for, kept arguments, a shadow's disagreement, what was taken out of the answer. */
export class AddDecisionDetails1763700000160 implements MigrationInterface {
  readonly name = 'AddDecisionDetails1763700000160';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE decisions ${COLUMNS.map((column) => `ADD COLUMN ${column}`).join(', ')}`);
    await runner.query('CREATE INDEX decisions_disagreed ON decisions (organisation_id, policy_id, at DESC, decision_id DESC) WHERE shadows IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX decisions_disagreed');
    await runner.query(`ALTER TABLE decisions ${COLUMNS.map((column) => `DROP COLUMN ${column.split(' ', 1)[0] ?? ''}`).join(', ')}`);
  }
}
