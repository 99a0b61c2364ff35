import type { DomainEvent, ObjectRef } from '@sallyport/domain-events';
import { branded, type Revision } from '@sallyport/kernel';

import { eventLogFault } from './event-log-faults.js';
import type { AppendRequest } from './event-log.js';

/** Where an organisation and the objects of an append stand, read under the organisation's lock. */
export interface LogPosition {
  /** The organisation's newest revision; 0 before its first event. */
  readonly revision: Revision;
  /** Newest version by `objectKey`; an object that is absent is at 0. */
  readonly objectVersions: ReadonlyMap<string, number>;
}

/** One text for one object of an organisation: `grant/<id>`. */
export function objectKey(object: ObjectRef): string {
  return `${object.kind}/${object.id}`;
}

/**
 * The events an append adds at a position: the rule every adapter numbers by. Pure; the caller keeps the position still.
 *
 * @throws {Fault} `event_log.moved_on` when a named object is not at its expected version.
 */
export function recordAppend(request: AppendRequest, position: LogPosition): readonly DomainEvent[] {
  refuseMovedOn(request, position);
  const versions = new Map(position.objectVersions);
  return request.events.map((draft, index) => {
    const key = objectKey(draft.object);
    const objectVersion = (versions.get(key) ?? 0) + 1;
    versions.set(key, objectVersion);
    return {
      eventId: draft.eventId,
      organisationId: request.organisationId,
      revision: branded<Revision>(position.revision + index + 1),
      object: draft.object,
      objectVersion,
      occurredAt: request.occurredAt,
      actor: request.actor,
      fact: draft.fact,
    };
  });
}

function refuseMovedOn(request: AppendRequest, position: LogPosition): void {
  for (const { object, version } of request.expected) {
    const found = position.objectVersions.get(objectKey(object)) ?? 0;
    if (found === version) continue;
    throw eventLogFault.moved_on(`${objectKey(object)}: expected version ${version}, found ${found}`, { found, expected: version });
  }
}
