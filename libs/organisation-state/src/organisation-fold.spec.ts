import type { DomainEvent } from '@sallyport/domain-events';
import { EXAMPLE_FACTS } from '@sallyport/domain-events/testing';
import { branded, type EventId, type OrganisationId, type Revision } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { emptyState, evolveState } from './evolve-state.js';
import { OrganisationFold } from './organisation-fold.js';
import type { OrganisationState } from './organisation-state.js';
import { anyHistory, HISTORY_OF } from './testing/any-history.js';

function folded(events: readonly DomainEvent[], from: OrganisationFold = new OrganisationFold(HISTORY_OF)): OrganisationFold {
  for (const event of events) expect(from.apply(event)).toEqual({ ok: true, value: undefined });
  return from;
}

function eventOf(fact: object, revision = 1): DomainEvent {
  return {
    eventId: branded<EventId>('01930000-0000-7000-8000-0000000000e1'),
    organisationId: HISTORY_OF,
    revision: branded<Revision>(revision),
    object: { kind: 'organisation', id: HISTORY_OF },
    objectVersion: 1,
    occurredAt: '2026-11-21T12:00:00.000Z',
    actor: { kind: 'system', name: 'test' },
    fact: fact as DomainEvent['fact'],
  };
}

function frozen(state: OrganisationState): string {
  return JSON.stringify([state, [...state.servers], [...state.identities], [...state.policies], [...state.grants]]);
}

describe('an organisation’s state', () => {
  it('is the same from any point of its history on as from the beginning [log/snapshot-plus-tail]', () => {
    fc.assert(
      fc.property(anyHistory, fc.nat(), (events, cut) => {
        const at = events.length === 0 ? 0 : cut % (events.length + 1);
        const whole = folded(events);
        expect(folded(events.slice(at), OrganisationFold.from(folded(events.slice(0, at))))).toEqual(whole);
        expect(whole.revision).toBe(events.length);
      }),
    );
  });

  it('evolves without changing what it came from', () => {
    fc.assert(
      fc.property(anyHistory, (events) => {
        let state = emptyState(HISTORY_OF);
        for (const event of events) {
          const before = frozen(state);
          const next = evolveState(state, event);
          if (!next.ok) throw new Error(next.refusal.sentence);
          expect(frozen(state)).toBe(before);
          state = next.value;
        }
        expect(state).toEqual(folded(events));
      }),
      { numRuns: 30 },
    );
  });

  it('holds nothing of a grant that has ended, and takes that it ended twice', () => {
    const issued = EXAMPLE_FACTS['grant.issued'];
    const { grantId } = issued.data;
    const fold = folded([eventOf(issued, 1)]);
    expect(fold.grants.size).toBe(1);
    folded([eventOf({ type: 'grant.expired', version: 1, data: { grantId } }, 2), eventOf({ type: 'grant.revoked', version: 1, data: { grantId, reason: '' } }, 3)], fold);
    expect(fold.grants.size).toBe(0);
  });
});

describe('an event that cannot be folded', () => {
  const issued = EXAMPLE_FACTS['grant.issued'];
  const cases: readonly [string, DomainEvent, string][] = [
    ['comes too early', eventOf(EXAMPLE_FACTS['member.added'], 2), 'state.out_of_order'],
    ['is of another organisation', { ...eventOf(EXAMPLE_FACTS['member.added']), organisationId: branded<OrganisationId>('other') }, 'state.other_organisation'],
    ['is of a type that nobody knows', eventOf({ type: 'grant.lent', version: 1, data: {} }), 'state.unknown_fact'],
    ['is of a version that nobody knows', eventOf({ ...issued, version: 2 }), 'state.unknown_fact'],
    ['is about something that does not exist', eventOf(EXAMPLE_FACTS['server.updated']), 'state.unknown_object'],
    ['attaches a policy to a grant that does not exist', eventOf(EXAMPLE_FACTS['grant.policy_attached']), 'state.unknown_object'],
    ['holds a policy that cannot be read', eventOf({ ...EXAMPLE_FACTS['policy.version_published'], data: { ...EXAMPLE_FACTS['policy.version_published'].data, document: '{' } }), 'state.unreadable_policy'],
    ['holds a time that is none', eventOf({ ...issued, data: { ...issued.data, expiresAt: 'soon' } }), 'state.unreadable_time'],
  ];

  it.each(cases)('is refused, with nothing changed, when it %s', (_what, event, code) => {
    const fold = new OrganisationFold(HISTORY_OF);
    expect(fold.apply(event)).toMatchObject({ ok: false, refusal: { code } });
    expect(fold).toEqual(new OrganisationFold(HISTORY_OF));
  });
});
