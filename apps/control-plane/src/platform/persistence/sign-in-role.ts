import type { DataSource, EntityManager } from 'typeorm';

/**
 * The role that finds out whom a token belongs to, before the organisation is known: reads organisations, members and
 * admin tokens of all, writes nothing.
 */
export const SIGN_IN_ROLE = 'sallyport_sign_in';

/** Tables the sign-in role reads. */
export const SIGN_IN_TABLES = ['organisations', 'members', 'admin_tokens'] as const;

/** Runs `work` in one read-only transaction as the sign-in role. */
export function asSignIn<Value>(dataSource: DataSource, work: (manager: EntityManager) => Promise<Value>): Promise<Value> {
  return dataSource.transaction(async (manager) => {
    await manager.query(`SELECT set_config('role', $1, true), set_config('transaction_read_only', 'on', true)`, [SIGN_IN_ROLE]);
    return work(manager);
  });
}

/** The statements that let the sign-in role read every row of a table, for the migration that makes the table. */
export function letSignInRead(table: (typeof SIGN_IN_TABLES)[number]): readonly string[] {
  return [`CREATE POLICY sign_in ON ${table} FOR SELECT TO ${SIGN_IN_ROLE} USING (true)`, `GRANT SELECT ON ${table} TO ${SIGN_IN_ROLE}`];
}
