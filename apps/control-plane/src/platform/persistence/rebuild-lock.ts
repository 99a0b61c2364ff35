import type { EntityManager } from 'typeorm';

/** PostgreSQL's advisory lock of rebuilds: arbitrary, but the same in every process of a deployment. */
export const REBUILD_LOCK = 7_400_001;

/** Keeps a rebuild of the projections away until the caller's transaction ends; commands do not keep each other away. */
export async function holdOffRebuild(manager: EntityManager): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock_shared($1)', [REBUILD_LOCK]);
}

/** Waits for the commands under way and keeps new ones waiting until the caller's transaction ends. */
export async function holdOffCommands(manager: EntityManager): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock($1)', [REBUILD_LOCK]);
}
