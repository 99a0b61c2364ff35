import type { DataSource, EntityManager } from 'typeorm';

/**
 * The role that looks after every organisation's stream: reads heads, tiles and signatures of all, and deletes events whose
 * time is over. It writes nothing else, and serves no request.
 */
export const AUDIT_ROLE = 'sallyport_audit';

/** Runs `work` in one transaction over every stream, as the audit role. */
export function asAudit<Value>(dataSource: DataSource, work: (manager: EntityManager) => Promise<Value>): Promise<Value> {
  return dataSource.transaction(async (manager) => {
    await manager.query(`SELECT set_config('role', $1, true)`, [AUDIT_ROLE]);
    return work(manager);
  });
}

/** The statements that let the audit role see every row of a table, and use `verbs` on it, for a migration. */
export function letAuditSee(table: string, verbs: readonly ('SELECT' | 'DELETE')[]): readonly string[] {
  // A policy also reaches logins that inherit the role; only one that has become it may see everything.
  return [`CREATE POLICY audit_all ON ${table} FOR ALL TO ${AUDIT_ROLE} USING (current_user = '${AUDIT_ROLE}')`, `GRANT ${verbs.join(', ')} ON ${table} TO ${AUDIT_ROLE}`];
}
