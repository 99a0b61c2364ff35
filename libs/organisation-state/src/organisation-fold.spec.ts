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
  return JSON.stringify([state, [...state.servers], [...state.identities], [...state.policies], [...state.shadows], [...state.grants]]);
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

describe('a tool’s labels', () => {
  const { serverId } = EXAMPLE_FACTS['server.registered'].data;
  const labelled = (tool: string, category: string | null, risk: string | null) => ({ type: 'server.tool_labelled', version: 1, data: { serverId, tool, category, risk } });
  const after = (...facts: readonly object[]) => folded([EXAMPLE_FACTS['server.registered'], ...facts].map((fact, index) => eventOf(fact, index + 1))).servers.get(serverId)?.labels;

  it('are those said last, ordered by name, and outlive a refresh', () => {
    const facts = [labelled('stop', 'Write', null), labelled('read', 'Read', 'Low'), labelled('stop', 'Execute', 'High'), EXAMPLE_FACTS['server.tools_approved']];
    expect(after(...facts)).toEqual([{ tool: 'read', category: 'Read', risk: 'Low' }, { tool: 'stop', category: 'Execute', risk: 'High' }]);
    expect(after(...facts, labelled('read', null, null))?.map(({ tool }) => tool)).toEqual(['stop']);
  });
});

describe('an identity’s groups', () => {
  const created = EXAMPLE_FACTS['identity.created'];
  const { identityId } = created.data;
  const after = (...facts: readonly object[]) => folded([created, ...facts].map((fact, index) => eventOf(fact, index + 1))).identities.get(identityId);

  it('are those it was created with, until it is put into others', () => {
    expect(after()?.groups).toEqual(['finance', 'ops']);
    expect(after(EXAMPLE_FACTS['identity.relabelled'])?.groups).toEqual(['finance', 'ops']);
    expect(after(EXAMPLE_FACTS['identity.regrouped'])).toEqual({ ...after(), groups: ['on call'] });
    expect(after({ type: 'identity.regrouped', version: 1, data: { identityId, groups: [] } })?.groups).toEqual([]);
  });
});

describe('a policy’s shadow', () => {
  const { policyId } = EXAMPLE_FACTS['policy.shadow_started'].data;
  const shut = '{"version":"1","default":"deny"}';
  const published = (version: number, document: string) => ({ ...EXAMPLE_FACTS['policy.version_published'], data: { ...EXAMPLE_FACTS['policy.version_published'].data, version, document } });
  const after = (...facts: readonly object[]) => folded(facts.map((fact, index) => eventOf(fact, index + 1)));

  it('is the version that was started, or published in shadow mode, and leaves the enforced one as it is', () => {
    const started = after(published(1, shut), published(2, shut), EXAMPLE_FACTS['policy.shadow_started']);
    expect([started.policies.get(policyId)?.version, started.shadows.get(policyId)?.version]).toEqual([2, 3]);
    const watching = after(published(1, '{"version":"1","default":"deny","mode":"shadow"}'));
    expect([watching.policies.size, watching.shadows.get(policyId)?.version]).toEqual([0, 1]);
  });

  it('goes when it is stopped', () => {
    expect(after(EXAMPLE_FACTS['policy.shadow_started'], EXAMPLE_FACTS['policy.shadow_stopped']).shadows.size).toBe(0);
  });
});

describe('an event that cannot be folded', () => {
  const issued = EXAMPLE_FACTS['grant.issued'];
  const cases: readonly [string, DomainEvent, string][] = [
    ['comes too early', eventOf(EXAMPLE_FACTS['member.added'], 2), 'state.out_of_order'],
    ['is of another organisation', { ...eventOf(EXAMPLE_FACTS['member.added']), organisationId: branded<OrganisationId>('other') }, 'state.other_organisation'],
    ['is of a type that nobody knows', eventOf({ type: 'grant.lent', version: 1, data: {} }), 'state.unknown_fact'],
    ['is of a version that nobody knows', eventOf({ ...issued, version: 2 }), 'state.unknown_fact'],
    ['is of a version before, which nobody brought up to date', eventOf({ ...EXAMPLE_FACTS['identity.created'], version: 1 }), 'state.unknown_fact'],
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
