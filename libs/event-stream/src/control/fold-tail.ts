import type { EventLog } from '@sallyport/event-log';
import { branded, isFault, ok, refuse, type OrganisationId, type Result, type Revision } from '@sallyport/kernel';
import { OrganisationFold } from '@sallyport/organisation-state';
import { decodeState } from '@sallyport/wire';

import type { ShelvedSnapshot } from './snapshot-shelf.js';

const PAGE_EVENTS = 1_000;

/** Why an organisation cannot be folded: a stable code of the fold or of the codec. */
export interface Unfoldable {
  readonly code: string;
  /** The revision that cannot be folded. */
  readonly revision: Revision;
}

/** What is folded. */
export interface FoldAsked {
  readonly organisationId: OrganisationId;
  readonly head: Revision;
  /** A snapshot to go on from; the whole log is folded without one, or with one of a form that this version does not know. */
  readonly base: ShelvedSnapshot | undefined;
}

/** An organisation's state at its head: a snapshot and the events after it, which by construction is all of its events. */
export async function foldTail(log: Pick<EventLog, 'read'>, asked: FoldAsked): Promise<Result<OrganisationFold, Unfoldable>> {
  const fold = baseOf(asked);
  while (fold.revision < asked.head) {
    const next = branded<Revision>(fold.revision + 1);
    const page = await readPage(log, asked.organisationId, fold.revision);
    if (page === undefined) return refuse({ code: 'wire.undecodable', revision: next });
    if (page.length === 0) return refuse({ code: 'event_log.rewound', revision: next });
    for (const event of page) {
      const folded = fold.apply(event);
      if (!folded.ok) return refuse({ code: folded.refusal.code, revision: event.revision });
    }
  }
  return ok(fold);
}

function baseOf({ organisationId, head, base }: FoldAsked): OrganisationFold {
  if (base === undefined || base.revision > head) return new OrganisationFold(organisationId);
  try {
    return decodeState(base.state);
  } catch (caught) {
    if (isFault(caught, 'wire.undecodable')) return new OrganisationFold(organisationId);
    throw caught;
  }
}

/** `undefined` when the page holds an event that this version cannot read. */
async function readPage(log: Pick<EventLog, 'read'>, organisationId: OrganisationId, after: Revision) {
  try {
    return await log.read(organisationId, after, PAGE_EVENTS);
  } catch (caught) {
    if (isFault(caught, 'wire.undecodable')) return undefined;
    throw caught;
  }
}
