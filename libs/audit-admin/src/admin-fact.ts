import { hexOf, microTime, type AuditActor, type AuditAdmin, type AuditEventType, type AuditFact, type Severity, type Sha256 } from '@sallyport/audit-event';
import type { DomainEvent, DomainFact } from '@sallyport/domain-events';
import { canonicalJson } from '@sallyport/kernel';

import { ADMIN_EVENTS } from './admin-events.js';
import { hasMembers, hashedForm, type AuditedObject } from './audited-object.js';
import { diffObjects } from './diff-objects.js';

/** What is known of the member who acted, beside what the event says. */
export interface AdminActor {
  /** The member's name at that time; `null` where it is of another organisation. */
  readonly name: string | null;
  /** What token and member allowed at that time. */
  readonly roles: readonly string[];
}

/** What an event is told with. */
export interface AdminContext {
  readonly before: AuditedObject;
  readonly after: AuditedObject;
  /** `null` for what Sallyport did by itself. */
  readonly actor: AdminActor | null;
  readonly sha256: Sha256;
}

/** A domain event as the audit fact that it becomes, under the event's own id: one for each, whoever makes it and however often. */
export function adminFact(event: DomainEvent, { before, after, actor, sha256 }: AdminContext): AuditFact {
  const { fact } = event;
  const { object, ...row } = ADMIN_EVENTS[fact.type];
  const reason = reasonOf(fact);
  const patch = diffObjects(before, after);
  const admin: AuditAdmin = {
    action: fact.type,
    object_type: object,
    object_id: event.object.id,
    revision: event.revision,
    ...(before === null ? {} : { before_hash: hashOf(before, sha256) }),
    ...(after === null ? {} : { after_hash: hashOf(after, sha256) }),
    ...(patch.length === 0 ? {} : { patch }),
    ...(reason === '' ? {} : { reason }),
  };
  return {
    event_id: event.eventId,
    organisation_id: event.organisationId,
    time: microTime(Date.parse(event.occurredAt)),
    ...told(fact, before, row),
    outcome: 'success',
    actor: actorOf(event.actor, actor),
    admin,
  };
}

/** A difference that takes no approved tool out of service is a drift alone. */
function told(fact: DomainFact, before: AuditedObject, row: { readonly type: AuditEventType; readonly severity: Severity }): typeof row {
  if (fact.type !== 'server.tools_changed') return row;
  const approved = before?.['tools'];
  const isQuarantined = fact.data.tools.some(({ name, hash }) => hash.length > 0 && hasMembers(approved) && Object.hasOwn(approved, name));
  return isQuarantined ? row : { type: 'definition.drift', severity: 2 };
}

function actorOf(actor: DomainEvent['actor'], known: AdminActor | null): AuditActor {
  if (actor.kind === 'system') return { kind: 'system', name: actor.name };
  return {
    identity_id: actor.memberId,
    kind: 'member',
    ...(known === null || known.name === null ? {} : { name: known.name }),
    credential_id: actor.tokenId,
    credential_kind: 'admin_token',
    auth_method: 'bearer',
    ...(known === null || known.roles.length === 0 ? {} : { roles: known.roles }),
  };
}

function reasonOf({ data }: DomainFact): string {
  if ('reason' in data) return data.reason;
  return 'note' in data ? data.note : '';
}

function hashOf(object: AuditedObject, sha256: Sha256): string {
  return hexOf(sha256(new TextEncoder().encode(canonicalJson(hashedForm(object)))));
}
