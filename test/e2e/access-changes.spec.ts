import {
  AttachPolicyDocument,
  DisableIdentityDocument,
  DisableServerDocument,
  EnableIdentityDocument,
  EnableServerDocument,
  ListGrantsDocument,
  RegroupIdentityDocument,
  RevokeGrantDocument,
  RollbackPolicyDocument,
  RotateGrantTokenDocument,
} from '@sallyport/graphql-contract';
import { hostileUpstream, type HostileUpstream } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { accepted } from './world/accepted.js';
import { call, verdictOf } from './world/post.js';
import { World, type Access } from './world/world.js';

const OPEN = { version: '1', default: 'deny', tools: { do_it: {} } };
const SHUT = { version: '1', default: 'deny', tools: { do_it: { action: 'deny', reason: 'Closed for the audit.' } } };
const waitFor = 'ENFORCED' as const;

let world: World;
let upstream: HostileUpstream;
let access: Access;

const verdict = async (of: Pick<Access, 'url' | 'token'> = access): Promise<string> => verdictOf(await call(of, 'do_it'));

beforeAll(async () => {
  upstream = await hostileUpstream('honest');
  world = await World.start();
  access = await world.open({ slug: 'tracker', url: upstream.url, policy: OPEN });
});
afterAll(async () => {
  await world.end();
  await upstream.close();
});

describe('a change that was answered as enforced binds the next call', () => {
  it('a new version of the policy', async () => {
    expect(await verdict()).toBe('allowed');
    expect(await world.publish(access.policy, SHUT)).toBe(2);
    const refused = await call(access, 'do_it');
    expect(refused.result?.content?.[0]?.text).toBe('[POLICY DENIED] Closed for the audit.');
    expect(verdictOf(refused)).toBe('rule_denied');
  });

  it('a rollback, which is a version of its own with the old document', async () => {
    const { rollbackPolicy } = await world.admin.run(RollbackPolicyDocument, { input: { policy: access.policy, to: 1, waitFor } });
    expect(accepted(rollbackPolicy)).toMatchObject({ version: 3, enforcement: { reached: true, outstanding: [] } });
    expect(await verdict()).toBe('allowed');
    const [latest] = await world.decisions({ grant: access.grantId }, (found) => found.some(({ policyVersion }) => policyVersion === 3));
    expect(latest).toMatchObject({ outcome: 'allowed', policyVersion: 3 });
  });

  it('another policy on the grant', async () => {
    const shut = world.name('policy');
    await world.publish(shut, SHUT);
    accepted((await world.admin.run(AttachPolicyDocument, { input: { grant: access.grantId, policy: shut, waitFor } })).attachPolicy);
    expect(await verdict()).toBe('rule_denied');
    accepted((await world.admin.run(AttachPolicyDocument, { input: { grant: access.grantId, policy: access.policy, waitFor } })).attachPolicy);
    expect(await verdict()).toBe('allowed');
  });

  it('a server that is switched off, and on again', async () => {
    accepted((await world.admin.run(DisableServerDocument, { input: { server: 'tracker', waitFor } })).disableServer);
    expect(await verdict()).toBe('server_unavailable');
    accepted((await world.admin.run(EnableServerDocument, { input: { server: 'tracker', waitFor } })).enableServer);
    expect(await verdict()).toBe('allowed');
  });

  it('an identity that is switched off, and on again', async () => {
    accepted((await world.admin.run(DisableIdentityDocument, { input: { identity: access.identity, waitFor } })).disableIdentity);
    expect(await verdict()).toBe('401');
    accepted((await world.admin.run(EnableIdentityDocument, { input: { identity: access.identity, waitFor } })).enableIdentity);
    expect(await verdict()).toBe('allowed');
  });

  it('the groups an identity is in, for a rule that asks for them', async () => {
    const groups = async (...names: readonly string[]) => accepted((await world.admin.run(RegroupIdentityDocument, { input: { identity: access.identity, groups: [...names], waitFor } })).regroupIdentity);
    await world.publish(access.policy, { version: '1', default: 'deny', tools: { do_it: { require: [{ conditions: [{ path: 'identity.groups', op: 'contains', value: 'ops' }] }] } } });
    expect(await verdict()).toBe('require_failed');
    expect(await groups('ops', 'dev')).toMatchObject({ identity: { groups: ['dev', 'ops'] }, enforcement: { reached: true, outstanding: [] } });
    expect(await verdict()).toBe('allowed');
    await groups('dev');
    expect(await verdict()).toBe('require_failed');
    await world.publish(access.policy, OPEN);
  });

  it('a version without the tool: the next list does not show it', async () => {
    const client = await world.client(access);
    expect(await client.toolNames()).toEqual(['do_it']);
    await world.publish(access.policy, { version: '1', default: 'deny' });
    expect(await client.toolNames()).toEqual([]);
    await client.close();
    await world.publish(access.policy, OPEN);
  });
});

describe('the token of a grant', () => {
  it('stays good beside the new one for as long as the overlap says', async () => {
    const grant = await world.grant('tracker', access.policy);
    const rotated = accepted((await world.admin.run(RotateGrantTokenDocument, { input: { grant: grant.grantId, overlap: 'PT1H', waitFor } })).rotateGrantToken);
    expect(rotated.token).not.toBe(grant.token);
    expect(await verdict({ ...grant, token: String(rotated.token) })).toBe('allowed');
    expect(await verdict(grant)).toBe('allowed');
    expect(rotated.grant.tokens.map(({ current }) => current)).toEqual([true, false]);
  });

  it('ends with the rotation when there is no overlap', async () => {
    const grant = await world.grant('tracker', access.policy);
    const rotated = accepted((await world.admin.run(RotateGrantTokenDocument, { input: { grant: grant.grantId, overlap: 'PT0S', waitFor } })).rotateGrantToken);
    expect(await verdict(grant)).toBe('401');
    expect(await verdict({ ...grant, token: String(rotated.token) })).toBe('allowed');
  });

  it('ends when the grant expires, and the grant is listed as expired', async () => {
    const grant = await world.grant('tracker', access.policy, { expiresAt: new Date(Date.now() + 2_500).toISOString() });
    expect(await verdict(grant)).toBe('allowed');
    await vi.waitFor(async () => expect(await verdict(grant)).toBe('401'), { timeout: 10_000, interval: 100 });
    const { grants } = await world.admin.run(ListGrantsDocument, { first: 10, after: null, identity: null, server: null, status: 'expired', asOf: null });
    expect(grants.nodes.map(({ id }) => id)).toEqual([grant.grantId]);
  });

  it('is good for its own server alone', async () => {
    const other = await hostileUpstream('honest');
    const elsewhere = await world.open({ slug: 'elsewhere', url: other.url, policy: OPEN });
    expect(await verdict({ url: elsewhere.url, token: access.token })).toBe('404');
    expect(await verdict({ url: new URL('/mcp/no-such-server', world.url).href, token: access.token })).toBe('404');
    expect(other.calls()).toHaveLength(0);
    await other.close();
  });
});

describe('a grant that is revoked while 200 calls are in flight', () => {
  it('lets no call start once the revocation was answered as enforced [grant/revocation-binds]', async () => {
    const grant = await world.grant('tracker', access.policy);
    const before = upstream.calls().length;
    const ends: string[] = [];
    const agent = async (): Promise<void> => {
      let last = 'allowed';
      while (last === 'allowed') last = await verdict(grant);
      ends.push(last);
    };
    const agents = Array.from({ length: 200 }, agent);
    await vi.waitFor(() => expect(upstream.calls().length - before).toBeGreaterThan(200), { timeout: 30_000, interval: 10 });
    const { revokeGrant } = await world.admin.run(RevokeGrantDocument, { input: { grant: grant.grantId, reason: 'left the team', waitFor } });
    expect(accepted(revokeGrant).enforcement).toMatchObject({ reached: true });
    await fetch(upstream.url, { method: 'GET' }); // what reached the upstream before the answer reached us has been read by now
    const reached = upstream.calls().length;
    await Promise.all(agents);
    expect(upstream.calls().length).toBe(reached);
    expect(ends.filter((end) => end !== '401' && end !== 'policy_stale')).toEqual([]); // stale: decided before, withdrawn on the way out
    const recorded = await world.decisions({ grant: grant.grantId, outcome: ['allowed'] }, (found) => found.length === 100);
    expect(recorded.every(({ revision }) => revision < accepted(revokeGrant).revision)).toBe(true);
  });
});
