import type { EpochMs, OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

/**
 * The newest event that was taken in before an instant; `oldest - 1` when none was. Events are taken in in their order, so it is found
 * by halving: some thirty looks into the key, whatever the number of events.
 */
export async function lastSeqBefore(manager: EntityManager, organisationId: OrganisationId, { oldest, newest }: { readonly oldest: number; readonly newest: number }, at: EpochMs): Promise<number> {
  let [low, high] = [oldest - 1, newest];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const [row] = await manager.query<{ is_before: boolean }[]>(
      'SELECT sequenced_at < $3::timestamptz AS is_before FROM audit_events WHERE organisation_id = $1 AND seq >= $2 ORDER BY seq LIMIT 1',
      [organisationId, middle, new Date(at).toISOString()],
    );
    if (row?.is_before === true) low = middle;
    else high = middle - 1;
  }
  return low;
}
