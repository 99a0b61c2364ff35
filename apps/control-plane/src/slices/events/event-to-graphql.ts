import type { DomainEvent } from '@sallyport/domain-events';

/** Parts of facts that are of no use to a reader and of some to a thief. */
const LEFT_OUT = new Set(['secretHash', 'wrappedKey', 'sealedValue']);

/** An event as GraphQL's `Event`; what is sealed, wrapped or hashed is left out of its data. */
export function eventToGraphql(event: DomainEvent) {
  const { eventId, revision, object, objectVersion, occurredAt, actor, fact } = event;
  return {
    id: eventId,
    revision,
    object: `${object.kind}/${object.id}`,
    objectVersion,
    type: fact.type,
    schemaVersion: fact.version,
    occurredAt,
    actor:
      actor.kind === 'member'
        ? { kind: actor.kind, memberId: actor.memberId, tokenId: actor.tokenId, name: null }
        : { kind: actor.kind, memberId: null, tokenId: null, name: actor.name },
    data: withoutSecrets(fact.data),
  };
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !LEFT_OUT.has(key)).map(([key, member]) => [key, withoutSecrets(member)]));
}
