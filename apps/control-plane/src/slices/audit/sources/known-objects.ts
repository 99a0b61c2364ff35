import { evolveAudited, type AdminActor, type AuditedObject } from '@sallyport/audit-admin';
import { commonRole } from '@sallyport/control-domain';
import { ROLES, type DomainEvent, type ObjectRef, type Role } from '@sallyport/domain-events';
import type { PostgresEventLog } from '@sallyport/event-log-postgres';
import { LRUCache } from 'lru-cache';
import type { EntityManager } from 'typeorm';

import { sha256 } from '../store/sha256.js';

/** Objects whose newest state is kept in memory; one that is not is folded from its own events. */
const REMEMBERED_OBJECTS = 1_000;

interface Remembered {
  readonly version: number;
  readonly state: AuditedObject;
}

/** What is needed of the log to tell an event: the object before it, and who acted. Asked in the caller's transaction of the organisation. */
export class KnownObjects {
  private readonly remembered = new LRUCache<string, Remembered>({ max: REMEMBERED_OBJECTS });

  constructor(private readonly log: PostgresEventLog) {}

  /** The event's object before and after it. */
  async around(manager: EntityManager, event: DomainEvent): Promise<{ readonly before: AuditedObject; readonly after: AuditedObject }> {
    const before = await this.before(manager, event);
    const after = evolveAudited(before, event.fact, sha256);
    this.remembered.set(keyOf(event), { version: event.objectVersion, state: after });
    return { before, after };
  }

  /** Who acted, as token and member were then; `null` for Sallyport itself. A member of another organisation is an operator. */
  async actorOf(manager: EntityManager, event: DomainEvent): Promise<AdminActor | null> {
    const { actor } = event;
    if (actor.kind === 'system') return null;
    const member = await this.asOf(manager, event, { kind: 'member', id: actor.memberId });
    if (member === null) return { name: null, roles: ['operator'] };
    const token = await this.asOf(manager, event, { kind: 'token', id: actor.tokenId });
    return { name: String(member['name']), roles: rolesOf(member, token) };
  }

  private async before(manager: EntityManager, event: DomainEvent): Promise<AuditedObject> {
    if (event.objectVersion === 1) return null;
    const known = this.remembered.get(keyOf(event));
    if (known !== undefined && known.version === event.objectVersion - 1) return known.state;
    return this.asOf(manager, event, event.object);
  }

  /** An object as it was before an event of the organisation. */
  private async asOf(manager: EntityManager, { organisationId, revision }: DomainEvent, object: ObjectRef): Promise<AuditedObject> {
    const events = await this.log.readObjectWithin(manager, organisationId, object);
    let state: AuditedObject = null;
    for (const event of events) if (event.revision < revision) state = evolveAudited(state, event.fact, sha256);
    return state;
  }
}

function keyOf({ organisationId, object }: DomainEvent): string {
  return `${organisationId}/${object.kind}/${object.id}`;
}

function rolesOf(member: AuditedObject, token: AuditedObject): readonly string[] {
  const [ofMember, ofToken] = [roleIn(member), roleIn(token)];
  if (ofMember === undefined || ofToken === undefined) return [];
  const role = commonRole(ofToken, ofMember);
  return token?.['operator'] === true ? [role, 'operator'] : [role];
}

function roleIn(object: AuditedObject): Role | undefined {
  return ROLES.find((role) => role === object?.['role']);
}
