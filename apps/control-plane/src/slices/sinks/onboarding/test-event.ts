import { AUDIT_SCHEMA, microTime, sealEvent, type AuditEvent, type AuditFact } from '@sallyport/audit-event';
import type { Brand, EpochMs, OrganisationId } from '@sallyport/kernel';
import type { OutgoingBatch, OutgoingEvent } from '@sallyport/sinks';

import { newId } from '../../../platform/new-id.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { sha256 } from '../../audit/store/sha256.js';
import type { SinkRow } from '../read/sink-row.entity.js';

/** What a test event is made of. */
export interface TestEventParts {
  readonly sink: Pick<SinkRow, 'organisationId' | 'sinkId' | 'name'>;
  readonly caller: Pick<Caller, 'memberId' | 'tokenId'>;
  readonly at: EpochMs;
  /** The code that an admin looks for at the receiver; `null` for a test that confirms nothing. */
  readonly code: string | null;
}

/** A batch of one event of the type `admin.sink.tested`. It has no place in the stream: its `seq` is 0, which no real event has. */
export function testBatch(parts: TestEventParts): OutgoingBatch {
  const event = testEvent(parts);
  return { batchId: `test-${event.stored.eventId}`, events: [event], replay: false, checkpoint: null };
}

function testEvent({ sink, caller, at, code }: TestEventParts): OutgoingEvent {
  const about = `Test of the sink ${sink.name}.`;
  const fact: AuditFact = {
    event_id: newId<Brand<string, 'EventId'>>(at),
    organisation_id: sink.organisationId,
    time: microTime(at),
    type: 'admin.sink.tested',
    outcome: 'success',
    severity: 1,
    actor: { identity_id: caller.memberId, kind: 'member', credential_id: caller.tokenId, credential_kind: 'admin_token', auth_method: 'bearer' },
    admin: { action: 'tested', object_type: 'sink', object_id: sink.sinkId, reason: code === null ? about : `${about} Confirmation code: ${code}` },
  };
  return sealed(fact, sink.organisationId, at);
}

function sealed(fact: AuditFact, stream: OrganisationId, at: EpochMs): OutgoingEvent {
  const place = { stream, seq: 0, observedTime: microTime(at), prevHash: '0'.repeat(64), keyEpoch: 1 };
  const stored = sealEvent(fact, place, sha256);
  const event: AuditEvent = {
    ...fact,
    schema: AUDIT_SCHEMA,
    stream,
    seq: place.seq,
    observed_time: place.observedTime,
    integrity: { alg: 'sha-256', canon: 'rfc8785', prev_hash: place.prevHash, hash: stored.hash, key_epoch: place.keyEpoch },
  };
  return { stored, event };
}
