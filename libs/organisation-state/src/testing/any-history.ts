import { type DomainEvent, type DomainFact, OBJECT_KINDS, type ObjectKind } from '@sallyport/domain-events';
import { anyEvent, anyFact } from '@sallyport/domain-events/testing';
import { branded, type OrganisationId, type Revision } from '@sallyport/kernel';
import fc from 'fast-check';

/** The organisation whose history `anyHistory` makes. */
export const HISTORY_OF = branded<OrganisationId>('01930000-0000-7000-8000-0000000000a1');

const POLICIES = ['{"version":"1","default":"deny"}', '{"version":"1","default":"deny","mode":"shadow"}', '{"version":"1","default":"allow"}'];
const OBJECTS = ['01930000-0000-7000-8000-0000000000c1', '01930000-0000-7000-8000-0000000000c2', '01930000-0000-7000-8000-0000000000c3'];

type Data = Record<string, unknown>;

/**
 * A history that a control plane could have written, from revision 1 without a gap: facts of every type about a few objects that
 * exist, with readable policies. For property tests of folds.
 */
export const anyHistory: fc.Arbitrary<readonly DomainEvent[]> = fc
  .array(fc.record({ like: anyEvent, fact: anyFact, object: fc.constantFrom(...OBJECTS), policy: fc.constantFrom(...POLICIES) }), { maxLength: 60 })
  .map((steps) => {
    const made = new Set<string>();
    const events: DomainEvent[] = [];
    for (const { like, fact, object, policy } of steps) {
      const about = aboutObject(fact, object, policy);
      const kind = kindOf(fact);
      if (!comesFirst(fact) && ['server', 'identity', 'grant'].includes(kind) && !made.has(`${kind}/${object}`)) continue;
      if (comesFirst(fact)) made.add(`${kind}/${object}`);
      if (fact.type === 'grant.revoked' || fact.type === 'grant.expired') made.delete(`${kind}/${object}`);
      const revision = branded<Revision>(events.length + 1);
      events.push({ ...like, organisationId: HISTORY_OF, revision, object: { kind, id: object }, objectVersion: revision, fact: about });
    }
    return events;
  });

function kindOf(fact: DomainFact): ObjectKind {
  return OBJECT_KINDS.find((kind) => fact.type.startsWith(`${kind}.`)) ?? 'organisation';
}

function comesFirst({ type }: DomainFact): boolean {
  return type === 'server.registered' || type === 'identity.created' || type === 'grant.issued';
}

function aboutObject(fact: DomainFact, object: string, policy: string): DomainFact {
  const kind = kindOf(fact);
  const data: Data = { ...fact.data, ...(kind === 'organisation' ? {} : { [`${kind}Id`]: object }), ...('document' in fact.data ? { document: policy } : {}) };
  return { ...fact, data } as unknown as DomainFact;
}
