import { createHash } from 'node:crypto';

import type { AuditActor, AuditAdmin, AuditFact } from '@sallyport/audit-event';
import { canonicalJson, type EpochMs, type JsonObject, type OrganisationId } from '@sallyport/kernel';

import type { Caller } from '../../../platform/identity/caller.js';
import { ownFact } from '../store/own-fact.js';

/** What a member changed of the audit trail itself. */
export interface AuditChange {
  readonly organisationId: OrganisationId;
  readonly at: EpochMs;
  readonly object: { readonly type: AuditAdmin['object_type']; readonly id: string };
  /** The verb of the event's type. */
  readonly action: string;
  /** Plain values, none of them secret. */
  readonly before: JsonObject | null;
  readonly after: JsonObject;
  readonly reason: string | null;
}

/** A change of the audit trail's own settings and keys, as a fact. */
export function auditChangeFact(caller: Caller, { organisationId, at, object, action, before, after, reason }: AuditChange): AuditFact {
  const admin: AuditAdmin = {
    action,
    object_type: object.type,
    object_id: object.id,
    ...(before === null ? {} : { before_hash: hashOf(before) }),
    after_hash: hashOf(after),
    patch: Object.entries(after).map(([name, value]) => ({ op: before === null ? ('add' as const) : ('replace' as const), path: `/${name}`, value })),
    ...(reason === null ? {} : { reason }),
  };
  return { ...ownFact(organisationId, at, `admin.${object.type}.${action}`), outcome: 'success', severity: 3, actor: memberActor(caller), admin };
}

function memberActor({ memberId, tokenId, role, operator }: Caller): AuditActor {
  return { kind: 'member', identity_id: memberId, credential_id: tokenId, credential_kind: 'admin_token', auth_method: 'bearer', roles: operator ? [role, 'operator'] : [role] };
}

function hashOf(value: JsonObject): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
