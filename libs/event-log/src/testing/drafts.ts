import type { DomainFact, ObjectRef } from '@sallyport/domain-events';
import { branded, type EventId, type IdentityId, type OrganisationId } from '@sallyport/kernel';
import { v7 as uuid } from 'uuid';

import type { AppendRequest, DraftEvent } from '../event-log.js';

/** When builders let events occur, unless told otherwise. */
export const LONG_AGO = '2025-10-09T08:53:20.000Z';

/** An organisation nobody has heard of. */
export function newOrganisationId(): OrganisationId {
  return branded<OrganisationId>(uuid());
}

/** An identity nobody has heard of, as an object of the log. */
export function newIdentity(): ObjectRef {
  return { kind: 'identity', id: uuid() };
}

/** An event about an object; a harmless fact when none is given. */
export function aDraft(object: ObjectRef, fact: DomainFact = disabled(object)): DraftEvent {
  return { eventId: branded<EventId>(uuid()), object, fact };
}

/** An append of one event for each object named, expecting nothing, unless told otherwise. */
export function anAppend(
  organisationId: OrganisationId,
  objects: readonly ObjectRef[],
  other: Partial<Pick<AppendRequest, 'occurredAt' | 'expected' | 'events'>> = {},
): AppendRequest {
  return {
    organisationId,
    actor: { kind: 'system', name: 'test' },
    occurredAt: LONG_AGO,
    events: objects.map((object) => aDraft(object)),
    expected: [],
    ...other,
  };
}

function disabled(object: ObjectRef): DomainFact {
  return { type: 'identity.disabled', version: 1, data: { identityId: branded<IdentityId>(object.id) } };
}
