import type { OrganisationSettings } from '@sallyport/domain-events';
import type { EventLog } from '@sallyport/event-log';
import type { OrganisationId } from '@sallyport/kernel';

/** How old the newest stamp of a worker may be in strict organisations, milliseconds (DESIGN.md 3.4). */
const STRICT_MS = 5_000;

/**
 * How old the newest stamp of a worker may be before it denies for an organisation, milliseconds. Of its settings the newest two
 * count, the longer one: a worker that has not heard of a change goes by the settings before it.
 */
export function deniesAfter(log: Pick<EventLog, 'readObject'>): (organisationId: OrganisationId) => Promise<number> {
  return async (organisationId) => {
    const events = await log.readObject(organisationId, { kind: 'organisation', id: organisationId });
    const settings = events.flatMap(({ fact }) => (fact.type === 'organisation.created' || fact.type === 'organisation.settings_changed' ? [fact.data.settings] : []));
    return Math.max(STRICT_MS, ...settings.slice(-2).map(allowedAgeMs));
  };
}

function allowedAgeMs({ freshnessMode, failStaticMaxAgeSeconds }: OrganisationSettings): number {
  return freshnessMode === 'fail_static' ? failStaticMaxAgeSeconds * 1_000 : STRICT_MS;
}
