import { MemoryEventFeed, MemoryEventLog } from '@sallyport/event-log';
import { branded, type Revision } from '@sallyport/kernel';
import { FakeClock } from '@sallyport/kernel/testing';
import { AesSecretBox, HmacKeyedHashes, RootKey } from '@sallyport/secrets-aes';
import type { DomainEvent } from '@sallyport/domain-events';
import { OrganisationFold } from '@sallyport/organisation-state';
import { decodeState, encodeState, stateHash, wireFault } from '@sallyport/wire';
import { beforeEach, describe, expect, it } from 'vitest';

import { TestOrganisation } from '../testing/test-organisation.js';
import { freshnessOf } from './freshness.js';
import { GrantBindings, isExpired } from './grant-binding.js';
import { LogFollower } from './log-follower.js';
import { SnapshotStore } from './snapshot-store.js';

const root = RootKey.parse('07'.repeat(32));
const DENY_ALL = { version: '1', default: 'deny', tools: { echo: {} } };
const START = branded<Revision>(0);

function world() {
  const clock = new FakeClock();
  const log = new MemoryEventLog();
  const parts = { log, clock, hashes: new HmacKeyedHashes(root), secretBox: new AesSecretBox(root) };
  const reports: string[] = [];
  const store: SnapshotStore = new SnapshotStore({
    onGap: (_organisation, found) => reports.push(`gap before ${found}`),
    onRefused: (_organisation, sentence) => reports.push(sentence),
  });
  const feed = new MemoryEventFeed(log, clock);
  return { clock, log, store, feed, reports, bindings: new GrantBindings(store.tokens, parts.hashes), acme: new TestOrganisation(parts), other: new TestOrganisation(parts) };
}

async function grantIn(organisation: TestOrganisation) {
  const serverId = await organisation.registerHttp('tools', 'http://127.0.0.1:1/mcp');
  await organisation.approve(serverId, ['echo', 'other']);
  const identityId = await organisation.createIdentity();
  const policyId = await organisation.publish(DENY_ALL);
  return { serverId, identityId, policyId, ...(await organisation.grant({ identityId, serverId, policyId })) };
}

const publicIdOf = (token: string): string => token.slice(7, 15);

describe('snapshot store', () => {
  let here: ReturnType<typeof world>;
  beforeEach(() => {
    here = world();
    here.feed.follow(here.store, here.store.applied());
  });

  const snapshot = (organisation = here.acme) => {
    const found = here.store.organisations.get(organisation.id);
    if (found === undefined) throw new Error('no such organisation');
    return found;
  };
  const entryOf = (token: string) => {
    const [entry] = here.store.tokens.find(publicIdOf(token));
    if (entry === undefined) throw new Error('no such token');
    return entry;
  };

  it('folds everything a call needs from the log alone', async () => {
    await here.acme.create('acme');
    const { token, serverId } = await grantIn(here.acme);
    const binding = here.bindings.of(entryOf(token));
    expect(binding).toMatchObject({ server: { serverId, slug: 'tools' }, identity: { name: 'ci-runner', kind: 'agent' }, policy: { version: 1 } });
    expect(snapshot().revision).toBe(6);
  });

  it('drops an event it has and applies each only once', async () => {
    await here.acme.create();
    await grantIn(here.acme);
    const events = await here.log.read(here.acme.id, START, 100);
    const before = snapshot().servers;
    here.store.onEvents(events);
    expect(snapshot().revision).toBe(6);
    expect(snapshot().servers).toBe(before);
    expect(here.reports).toEqual([]);
  });

  it('stops one organisation at a gap, denies it, and goes on when the feed is asked again', async () => {
    await here.acme.create();
    await here.other.create('other');
    const events = await here.log.read(here.acme.id, START, 100);
    const later: DomainEvent = { ...(events[0] as DomainEvent), revision: branded<Revision>(3) };
    here.store.onEvents([later]);
    expect(here.reports).toEqual(['gap before 3']);
    expect(freshnessOf(snapshot(), here.store.stamp, here.clock.now())).toBe('policy_stale');
    expect(freshnessOf(snapshot(here.other), here.store.stamp, here.clock.now())).toBeNull();
    await here.acme.createIdentity();
    expect(freshnessOf(snapshot(), here.store.stamp, here.clock.now())).toBeNull();
  });

  it('refuses an organisation for good at a fact it does not know, and no other', async () => {
    await here.acme.create();
    await here.other.create('other');
    const [event] = await here.log.read(here.acme.id, START, 1);
    const unknown = { ...event, revision: 2, fact: { type: 'grant.lent', version: 1, data: {} } } as unknown as DomainEvent;
    here.store.onEvents([unknown]);
    await here.other.createIdentity();
    expect(here.reports).toEqual(['revision 2 is a grant.lent of version 1, which this worker does not know']);
    expect(freshnessOf(snapshot(), here.store.stamp, here.clock.now())).toBe('policy_stale');
    expect(snapshot().revision).toBe(1);
    expect(snapshot(here.other).revision).toBe(2);
  });

  it('refuses an organisation whose policy it cannot read', async () => {
    await here.acme.create();
    await here.acme.publish({ version: '1', default: 'allow', surprise: true });
    expect(here.reports).toEqual(['revision 2 is version 1 of policy test, which cannot be read by this worker']);
    expect(snapshot().refusal).toMatchObject({ code: 'state.unreadable_policy', revision: 2 });
    expect(freshnessOf(snapshot(), here.store.stamp, here.clock.now())).toBe('policy_stale');
  });

  it('never takes a shadow version for the live one', async () => {
    await here.acme.create();
    const policyId = await here.acme.publish({ ...DENY_ALL, mode: 'shadow' });
    expect(snapshot().policies.has(policyId)).toBe(false);
    await here.acme.publish(DENY_ALL, policyId);
    await here.acme.publish({ ...DENY_ALL, mode: 'shadow' }, policyId);
    expect(snapshot().policies.get(policyId)?.version).toBe(2);
  });

  it('knows a rotated token until its overlap ends, and forgets all of them at revocation', async () => {
    await here.acme.create();
    const { grantId, token: first } = await grantIn(here.acme);
    const second = await here.acme.rotate(grantId, 1_000);
    const grant = here.bindings.of(entryOf(second))?.grant;
    if (grant === undefined) throw new Error('no grant');
    expect(isExpired(entryOf(first), grant, here.clock.now() + 999)).toBe(false);
    expect(isExpired(entryOf(first), grant, here.clock.now() + 1_000)).toBe(true);
    expect(isExpired(entryOf(second), grant, here.clock.now() + 1_000)).toBe(false);
    await here.acme.revoke(grantId);
    expect(here.store.tokens.find(publicIdOf(first))).toEqual([]);
    expect(here.store.tokens.find(publicIdOf(second))).toEqual([]);
  });

  it('ends every earlier token with a rotation that has no overlap', async () => {
    await here.acme.create();
    const { grantId, token: first } = await grantIn(here.acme);
    const second = await here.acme.rotate(grantId, 86_400_000);
    const third = await here.acme.rotate(grantId, 0);
    expect(here.store.tokens.find(publicIdOf(first))).toEqual([]);
    expect(here.store.tokens.find(publicIdOf(second))).toEqual([]);
    expect(here.store.tokens.find(publicIdOf(third))).toHaveLength(1);
  });

  it('makes a binding stale when any part of it is replaced, and by nothing else', async () => {
    await here.acme.create();
    const { token, policyId, serverId, identityId } = await grantIn(here.acme);
    const binding = () => {
      const bound = here.bindings.of(entryOf(token));
      if (bound === undefined) throw new Error('not bound');
      return bound;
    };
    const changes: readonly (() => Promise<unknown>)[] = [
      () => here.acme.publish(DENY_ALL, policyId),
      () => here.acme.quarantine(serverId, ['other']),
      () => here.acme.append({ kind: 'identity', id: identityId }, { type: 'identity.relabelled', version: 1, data: { identityId, labels: { a: 'b' } } }),
      () => here.acme.regroup(identityId, ['ops']),
    ];
    const unrelated = binding();
    await here.acme.publish(DENY_ALL);
    await here.acme.createIdentity('somebody else');
    expect(here.bindings.isCurrent(unrelated)).toBe(true);
    for (const change of changes) {
      const before = binding();
      await change();
      expect(here.bindings.isCurrent(before)).toBe(false);
      expect(here.bindings.isCurrent(binding())).toBe(true);
    }
  });

  it('goes on from a snapshot as if it had applied every event before it', async () => {
    await here.acme.create('acme');
    const { token, grantId, policyId } = await grantIn(here.acme);
    await here.acme.publish({ ...DENY_ALL, mode: 'shadow' }, policyId);
    const state = decodeState(encodeState(snapshot().state));
    const events = await here.log.read(here.acme.id, START, 100);
    const elsewhere = new SnapshotStore({ onGap: () => expect.unreachable(), onRefused: () => expect.unreachable() });
    elsewhere.onSnapshot(state);
    elsewhere.onEvents(events);
    const [entry] = elsewhere.tokens.find(publicIdOf(token));
    expect(entry === undefined ? undefined : new GrantBindings(elsewhere.tokens, new HmacKeyedHashes(root)).of(entry)).toMatchObject({ grant: { grantId }, server: { slug: 'tools' }, policy: { version: 1 } });
    const revoked = await here.acme.revoke(grantId);
    elsewhere.onEvents(await here.log.read(here.acme.id, state.revision, 100));
    const there = elsewhere.organisations.get(here.acme.id);
    expect(there?.revision).toBe(revoked);
    expect(there === undefined ? '' : stateHash(there.state)).toBe(stateHash(snapshot().state));
    expect(elsewhere.tokens.find(publicIdOf(token))).toEqual([]);
  });

  it('forgets with a snapshot what ended before it, and takes no older one', async () => {
    await here.acme.create('acme');
    const { token, grantId } = await grantIn(here.acme);
    const older = decodeState(encodeState(snapshot().state));
    const elsewhere = new SnapshotStore({ onGap: () => expect.unreachable(), onRefused: () => expect.unreachable() });
    elsewhere.onSnapshot(decodeState(encodeState(older)));
    await here.acme.revoke(grantId);
    elsewhere.onSnapshot(decodeState(encodeState(snapshot().state)));
    expect(elsewhere.tokens.find(publicIdOf(token))).toEqual([]);
    elsewhere.onSnapshot(older);
    expect(elsewhere.organisations.get(here.acme.id)?.revision).toBe(7);
    expect(elsewhere.tokens.find(publicIdOf(token))).toEqual([]);
  });

  it('refuses one organisation whose events cannot be read, until a newer snapshot of it comes, and no other', async () => {
    await here.acme.create('acme');
    await here.other.create('other');
    const ahead = OrganisationFold.from(snapshot().state);
    here.store.onUnreadable(here.acme.id, wireFault.undecodable('a fact that this worker cannot read'));
    here.store.onUnreadable(here.acme.id, wireFault.undecodable('said twice'));
    expect(here.reports).toEqual(['a fact that this worker cannot read']);
    expect(snapshot().refusal).toEqual({ code: 'wire.undecodable', revision: 2, sentence: 'a fact that this worker cannot read' });
    await here.acme.createIdentity();
    expect(snapshot().revision).toBe(1);
    expect(freshnessOf(snapshot(), here.store.stamp, here.clock.now())).toBe('policy_stale');
    expect(freshnessOf(snapshot(here.other), here.store.stamp, here.clock.now())).toBeNull();
    for (const event of await here.log.read(here.acme.id, branded<Revision>(1), 10)) ahead.apply(event);
    here.store.onSnapshot(ahead);
    expect([snapshot().revision, freshnessOf(snapshot(), here.store.stamp, here.clock.now())]).toEqual([2, null]);
  });

  it('refuses an organisation that comes with a policy which this worker cannot read, before anybody uses it', async () => {
    await here.acme.create('acme');
    const policyId = await here.acme.publish(DENY_ALL);
    const state = decodeState(encodeState(snapshot().state));
    state.policies.set(policyId, { policyId, name: 'test', version: 1, document: '{"version":"1","default":"deny","of_tomorrow":true}' });
    const reports: string[] = [];
    const elsewhere = new SnapshotStore({ onGap: () => expect.unreachable(), onRefused: (_organisation, sentence) => void reports.push(sentence) });
    elsewhere.onSnapshot(state);
    expect(() => elsewhere.organisations.get(here.acme.id)?.policies.get(policyId)?.compiled).toThrow(TypeError);
    elsewhere.readPolicies(10);
    elsewhere.readPolicies(10);
    expect(reports).toEqual(['version 1 of policy test cannot be read by this worker']);
    expect(elsewhere.organisations.get(here.acme.id)?.refusal).toMatchObject({ code: 'state.unreadable_policy' });
  });

  it('tells who listens of what was applied and of what was refused', async () => {
    const told: string[] = [];
    here.store.onApplied(({ slug, revision, refusal }) => void told.push(`${slug} ${revision} ${refusal?.code ?? 'applied'}`));
    await here.acme.create('acme');
    here.store.onUnreadable(here.acme.id, wireFault.undecodable('x'));
    expect(told).toEqual(['acme 1 applied', 'acme 1 wire.undecodable']);
  });

  it('heals a gap by following again from what it has', async () => {
    const follower = new LogFollower(here.feed, here.store);
    await here.acme.create();
    await follower.start();
    snapshot().hasGap = true;
    await here.acme.createIdentity();
    follower.repair();
    expect(snapshot().hasGap).toBe(false);
    expect(follower.caughtUp).toBe(true);
    await follower.stop();
  });
});

describe('freshness', () => {
  it.each([
    ['a stamp of this moment', 0, 'strict', null],
    ['a stamp of 5 s ago', 5_000, 'strict', null],
    ['a stamp older than 5 s', 5_001, 'strict', 'policy_stale'],
    ['a stamp less than 2 s ahead', -2_000, 'strict', null],
    ['a stamp more than 2 s ahead', -2_001, 'strict', 'clock_skew'],
    ['a stamp more than 2 s ahead, in fail_static too', -2_001, 'fail_static', 'clock_skew'],
    ['an old stamp within fail_static’s age', 60_000, 'fail_static', null],
    ['a stamp beyond fail_static’s age', 60_001, 'fail_static', 'policy_stale'],
  ] as const)('with %s', async (_what, ageMs, freshnessMode, wanted) => {
    const here = world();
    here.feed.follow(here.store, here.store.applied());
    await here.acme.create('acme', { freshnessMode, failStaticMaxAgeSeconds: 60 });
    const organisation = here.store.organisations.get(here.acme.id);
    if (organisation === undefined || here.store.stamp === null) throw new Error('not folded');
    expect(freshnessOf(organisation, here.store.stamp, branded(here.store.stamp.committedBefore + ageMs))).toBe(wanted);
  });
});
