import { microTime, type AuditActor, type AuditFact } from '@sallyport/audit-event';
import type { EventId } from '@sallyport/kernel';

import { newId } from '../../../platform/new-id.js';
import type { AcceptedSignIn, RefusedSignIns, TokenOwner } from '../../../platform/identity/sign-in-counts.js';

/** A sign-in of a member, as the fact that it becomes. */
export function factOfAccepted({ owner, source, at }: AcceptedSignIn): AuditFact {
  return {
    event_id: newId<EventId>(at),
    organisation_id: owner.organisationId,
    time: microTime(at),
    type: 'auth.success',
    outcome: 'success',
    severity: 1,
    actor: memberOf(owner),
    ...sourceOf(source),
  };
}

/** Refused sign-ins, counted, as the one fact that they become. Nothing of what was presented is in it. */
export function factOfRefused({ reason, owner, source, count, firstAt, lastAt }: RefusedSignIns): AuditFact {
  return {
    event_id: newId<EventId>(lastAt),
    ...(owner === null ? {} : { organisation_id: owner.organisationId }),
    time: microTime(lastAt),
    type: 'auth.failure',
    outcome: 'failure',
    severity: 2,
    reason,
    actor: owner === null ? { kind: 'unknown', auth_method: 'bearer' } : memberOf(owner),
    ...sourceOf(source),
    counted: { count, first: microTime(firstAt), last: microTime(lastAt) },
  };
}

function memberOf({ memberId, memberName, tokenId, roles }: TokenOwner): AuditActor {
  return { identity_id: memberId, kind: 'member', name: memberName, credential_id: tokenId, credential_kind: 'admin_token', auth_method: 'bearer', roles };
}

function sourceOf(ip: string | null): Pick<AuditFact, 'source'> {
  return ip === null ? {} : { source: { ip } };
}
