import type { OrganisationId } from '@sallyport/kernel';
import type { DataSource, EntityManager } from 'typeorm';

/** The role every organisation's transaction runs as: owns nothing, cannot log in, cannot step around row level security. */
export const SERVING_ROLE = 'sallyport_serving';

/** The role that follows the log of every organisation: reads heads and events, writes nothing. */
export const FOLLOWER_ROLE = 'sallyport_follower';

/** The role that publishes the log: reads heads and events of every organisation, and writes nothing but the outbox. */
export const RELAY_ROLE = 'sallyport_relay';

/**
 * Makes the caller's transaction act as the serving role for one organisation, until it ends. Whatever it reads or
 * writes afterwards in a table under row level security is that organisation's.
 *
 * @param manager Must be inside a transaction: outside one the setting would be gone with the statement.
 */
export async function enterOrganisation(manager: EntityManager, organisationId: OrganisationId): Promise<void> {
  await manager.query(`SELECT set_config('role', $1, true), set_config('app.organisation', $2, true)`, [SERVING_ROLE, organisationId]);
}

/** Runs `work` in one transaction of one organisation, as the serving role. */
export function inOrganisation<Value>(
  dataSource: DataSource,
  organisationId: OrganisationId,
  work: (manager: EntityManager) => Promise<Value>,
): Promise<Value> {
  return dataSource.transaction(async (manager) => {
    await enterOrganisation(manager, organisationId);
    return work(manager);
  });
}

/** Runs `work` in one read-only transaction over every organisation's heads and events, as the follower role. */
export function asFollower<Value>(dataSource: DataSource, work: (manager: EntityManager) => Promise<Value>): Promise<Value> {
  return dataSource.transaction(async (manager) => {
    await manager.query(`SELECT set_config('role', $1, true), set_config('transaction_read_only', 'on', true)`, [FOLLOWER_ROLE]);
    return work(manager);
  });
}
