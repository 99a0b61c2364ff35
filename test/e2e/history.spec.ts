import {
  IssueGrantDocument,
  ListEventsDocument,
  ListGrantsDocument,
  ListPoliciesDocument,
  ListServersDocument,
  PublishPolicyDocument,
  RegisterServerDocument,
  RevokeGrantDocument,
  ShowGrantDocument,
  ShowPolicyDocument,
} from '@sallyport/graphql-contract';
import { hostileUpstream, type HostileUpstream } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { accepted, refusalCode } from './world/accepted.js';
import { ask } from './world/ask.js';
import { call, verdictOf } from './world/post.js';
import { World, type Access } from './world/world.js';

const policyOf = (tool: string) => ({ version: '1', default: 'deny', tools: { [tool]: {} } });

let world: World;
let upstream: HostileUpstream;
let access: Access;
let revoked: { readonly revision: number };
let between: string;

beforeAll(async () => {
  upstream = await hostileUpstream('honest');
  world = await World.start();
  access = await world.open({ slug: 'tracker', url: upstream.url, policy: policyOf('do_it') });
  between = (await world.admin.run(ShowGrantDocument, { id: access.grantId, asOf: null })).grant?.issuedAt ?? '';
  await world.publish(access.policy, policyOf('other'));
  revoked = accepted((await world.admin.run(RevokeGrantDocument, { input: { grant: access.grantId, reason: 'a leak', waitFor: 'ENFORCED' } })).revokeGrant);
});
afterAll(async () => {
  await world.end();
  await upstream.close();
});

const grantsAt = async (asOf: string | null) =>
  (await world.admin.run(ListGrantsDocument, { first: 100, after: null, identity: null, server: null, status: null, asOf })).grants.nodes.map(({ id, status }) => [id, status]);

describe('what was true at a point of the past', () => {
  it('grants at a revision: not there yet, active, revoked [log/as-of]', async () => {
    expect(await grantsAt(String(access.revision - 1))).toEqual([]);
    expect(await grantsAt(String(access.revision))).toEqual([[access.grantId, 'active']]);
    expect(await grantsAt(String(revoked.revision - 1))).toEqual([[access.grantId, 'active']]);
    expect(await grantsAt(String(revoked.revision))).toEqual([[access.grantId, 'revoked']]);
    expect(await grantsAt(null)).toEqual([[access.grantId, 'revoked']]);
  });

  it('grants at a time [log/as-of]', async () => {
    expect(await grantsAt('2020-01-01T00:00:00Z')).toEqual([]);
    expect(await grantsAt(between)).toEqual([[access.grantId, 'active']]);
  });

  it('a policy at a revision, with the document that was live', async () => {
    const at = async (asOf: string | null) => (await world.admin.run(ShowPolicyDocument, { policy: access.policy, version: null, asOf })).policy;
    expect((await at(String(access.revision)))?.version).toMatchObject({ version: 1, document: JSON.stringify(policyOf('do_it')) });
    expect((await at(null))?.version).toMatchObject({ version: 2, document: JSON.stringify(policyOf('other')) });
    expect(await at('1')).toBeNull();
  });

  it('every change of one object, in order, by whom', async () => {
    const { events } = await world.admin.run(ListEventsDocument, { first: 100, after: null, object: `grant/${access.grantId}`, asOf: null });
    expect(events.nodes.map(({ type, revision }) => [type, revision])).toEqual([
      ['grant.issued', access.revision],
      ['grant.revoked', revoked.revision],
    ]);
    expect(events.nodes.map(({ actor }) => actor.kind)).toEqual(['member', 'member']);
    expect(events.nodes[1]?.data).toMatchObject({ reason: 'a leak' });
  });

  it('revisions without a gap', async () => {
    const { events } = await world.admin.run(ListEventsDocument, { first: 100, after: null, object: null, asOf: null });
    const revisions = events.nodes.map(({ revision }) => revision);
    expect(revisions).toEqual(revisions.map((_, index) => index + 1));
  });
});

describe('asking twice', () => {
  it('with one idempotency key does it once, and shows the secret once', async () => {
    const input = { identity: access.identity, server: 'tracker', policy: access.policy, idempotencyKey: 'issue-once' };
    const first = accepted((await world.admin.run(IssueGrantDocument, { input })).issueGrant);
    const second = accepted((await world.admin.run(IssueGrantDocument, { input })).issueGrant);
    expect(first.token).toMatch(/^sp_agt_/);
    expect({ ...second, enforcement: null }).toEqual({ ...first, token: null, enforcement: null });
    const other = await world.admin.run(IssueGrantDocument, { input: { ...input, labels: [{ key: 'a', value: 'b' }] } });
    expect(refusalCode(other.issueGrant)).toBe('idempotency_conflict');
  });

  it('for the same document makes no second version, and for a taken slug no second server', async () => {
    const again = accepted((await world.admin.run(PublishPolicyDocument, { input: { name: access.policy, document: JSON.stringify(policyOf('other')) } })).publishPolicy);
    expect(again).toMatchObject({ version: 2, unchanged: true });
    const taken = await world.admin.run(RegisterServerDocument, { input: { slug: 'tracker', url: upstream.url } });
    expect(refusalCode(taken.registerServer)).toMatch(/taken/);
  });
});

describe('the tables that answers are read from', () => {
  it('come out the same when they are emptied and filled again from the events [log/rebuild]', async () => {
    const everything = async () => ({
      grants: await world.admin.run(ListGrantsDocument, { first: 100, after: null, identity: null, server: null, status: null, asOf: null }),
      servers: await world.admin.run(ListServersDocument, { first: 100, after: null, asOf: null }),
      policies: await world.admin.run(ListPoliciesDocument, { first: 100, after: null, asOf: null }),
      rest: (await ask({ url: world.url, token: world.adminToken }, '{ members { nodes { id name role addedAt } } tokens { nodes { id publicId role status createdAt } } identities { nodes { id name labels { key value } status } } organisations { nodes { id slug revision } } }')).data,
    });
    const before = await everything();
    const rebuilt = await ask({ url: world.url, token: world.adminToken }, 'mutation { rebuildProjections { events tables } }');
    expect(rebuilt.errors).toEqual([]);
    expect((rebuilt.data as { rebuildProjections: { events: number; tables: string[] } }).rebuildProjections.events).toBe(await world.revision());
    expect(await everything()).toEqual(before);
    const fresh = await world.grant('tracker', access.policy);
    expect(verdictOf(await call(fresh, 'do_it'))).toBe('default_deny');
  });
});
