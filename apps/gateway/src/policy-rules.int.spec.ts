import type { MarkStore } from '@sallyport/counter-store';
import { RootKey, AesSecretBox } from '@sallyport/secrets-aes';
import { describe, expect, it } from 'vitest';

import { guardedUpstream } from './testing/guarded-upstream.js';
import { callFrame, postFrame } from './testing/post-frame.js';
import { legacyServer } from './testing/scripted-upstream.js';

const INITIALIZE = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'desk', version: '1' } } });
const MARKED: MarkStore = { borne: () => ['m'], leave: () => undefined };
const limited = (limit: object, more: object = {}): object => ({ version: '1', default: 'deny', tools: { echo: { limits: [{ counter: 'c', window: 'day', max: 1, ...limit }] } }, ...more });

/** Every reason to refuse a call of `echo`, in the order of the policy language from the fifth step on: rule ids of the policy in which only those after it are left. */
const REASONS = [
  ['hidden', '(hidden)'],
  ['default_deny', '(default deny)'],
  ['rule_denied', '/tools/echo/deny_if/0'],
  ['rule_denied', '/select/0/deny_if/0'],
  ['rule_denied', '/select/1/deny_if/0'],
  ['rule_denied', '/all_tools/deny_if/0'],
  ['require_failed', '/tools/echo/require/args.a-exists'],
  ['require_failed', '/select/0/require/args.a-exists'],
  ['require_failed', '/all_tools/require/args.a-exists'],
  ['flow_denied', '/flows/0'],
  ['approval_required', '/tools/echo/approval'],
  ['limit_exceeded', '/tools/echo/limits/c'],
] as const;

/** A policy that refuses `echo` for all of `REASONS` but the first so many. */
function refusing(from: number): object {
  const left = new Set<string>(REASONS.slice(from).map(([, ruleId]) => ruleId));
  const has = (ruleId: string, part: object): object => (left.has(ruleId) ? part : {});
  const lists = (section: string): object => ({
    ...has(`${section}/deny_if/0`, { deny_if: [{ conditions: [] }] }),
    ...has(`${section}/require/args.a-exists`, { require: [{ conditions: [{ path: 'args.a', op: 'exists', value: true }] }] }),
  });
  const echo = { ...lists('/tools/echo'), ...has('/tools/echo/approval', { approval: {} }), ...has('/tools/echo/limits/c', { limits: [{ counter: 'c', window: 'day', max: 0 }] }) };
  return {
    version: '1',
    default: 'deny',
    ...has('(hidden)', { hide: ['echo'] }),
    tools: left.has('(default deny)') ? {} : { echo },
    select: [0, 1].map((index) => ({ match: { name: ['e*'] }, ...lists(`/select/${index}`) })),
    all_tools: lists('/all_tools'),
    ...has('/flows/0', { flows: [{ after: { name: ['read'], marks: 'm' }, deny: { name: ['echo'] } }] }),
  };
}

describe('a policy in force', () => {
  const world = guardedUpstream();
  const start = world.start.bind(world);
  const call = (to: { readonly url: string; readonly token: string } = world.grant, headers: Readonly<Record<string, string>> = {}) => postFrame(to, callFrame('echo'), headers);
  const admits = async (to?: { readonly url: string; readonly token: string }, headers?: Readonly<Record<string, string>>): Promise<boolean> => !(await call(to, headers)).text.includes('[POLICY DENIED]');
  const lastReason = (): readonly unknown[] => {
    const record = world.gateway.records.at(-1);
    return record?.kind === 'decided' ? [record.reasonCode, record.ruleId] : [];
  };

  it('refuses for the first of all reasons that apply, in the order of the policy language [policy/order]', async () => {
    await start({ policy: { ...refusing(0), mode: 'shadow' }, settings: { freshnessMode: 'strict' } }, { parts: { marks: MARKED } });
    const { organisation, serverId, policyId } = world.grant;
    await organisation.quarantine(serverId, ['echo']);
    world.gateway.clock.advance(5_001);
    expect((await call({ url: world.grant.url, token: 'sp_agt_wrong' })).status).toBe(401);
    expect(world.gateway.records).toEqual([]);
    await call();
    expect(lastReason()).toEqual(['policy_stale', '(stale)']);
    world.gateway.feed.beat();
    await call();
    expect(lastReason()).toEqual(['no_policy', '(no policy)']);
    await organisation.publish(refusing(0), policyId);
    await call();
    expect(lastReason()).toEqual(['quarantined', '(quarantined)']);
    await organisation.approve(serverId, ['echo']);
    for (const [index, reason] of REASONS.entries()) {
      await organisation.publish(refusing(index), policyId);
      await call();
      expect(lastReason()).toEqual(reason);
    }
    expect(world.upstream.calls).toEqual([]);
    await organisation.publish(refusing(REASONS.length), policyId);
    expect([await admits(), world.upstream.calls.length]).toEqual([true, 1]);
  });

  it('has no credential of the upstream opened for a call that it refuses or that needs an approval', async () => {
    const opened: string[] = [];
    const box = new AesSecretBox(RootKey.parse('2a'.repeat(32)));
    const watched = Object.assign(Object.create(box) as AesSecretBox, {
      open: (...of: Parameters<AesSecretBox['open']>) => {
        opened.push(of[0].field);
        return box.open(...of);
      },
    });
    await start({ headers: { authorization: 'Bearer upstream-secret' }, policy: { version: '1', default: 'deny', tools: { echo: { approval: {} } } } }, { parts: { secretBox: watched } });
    expect(await admits()).toBe(false);
    await world.grant.organisation.publish({ version: '1', default: 'deny' }, world.grant.policyId);
    expect(await admits()).toBe(false);
    expect([opened, world.upstream.seen]).toEqual([[], []]);
    await world.grant.organisation.publish({ version: '1', default: 'deny', tools: { echo: {} } }, world.grant.policyId);
    expect(await admits()).toBe(true);
    expect(opened).toEqual(['header:authorization']);
  });

  it('binds an approval to organisation, identity, grant, server, tool, definition, arguments and version', async () => {
    await start({ policy: { version: '1', default: 'deny', tools: { echo: { approval: {} } } } });
    await call();
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    const { organisation, identityId, grantId, serverId, policyId } = world.grant;
    const bound = { organisationId: organisation.id, identityId, grantId, serverId, tool: 'echo', definitionHash: hash, argumentsDigest: hash, policyId, policyVersion: 1 };
    expect(world.gateway.records).toMatchObject([{ outcome: 'approval_required', approvals: [{ ruleId: '/tools/echo/approval' }], ...bound }]);
  });

  it('keeps what its counters hold when a new version is published, and holds it to the new maximum', async () => {
    await start({ policy: limited({ max: 2 }) });
    expect([await admits(), await admits(), await admits()]).toEqual([true, true, false]);
    await world.grant.organisation.publish(limited({ max: 2 }, { description: 'Once more.' }), world.grant.policyId);
    expect(await admits()).toBe(false);
    await world.grant.organisation.publish(limited({ max: 3 }), world.grant.policyId);
    expect([await admits(), await admits()]).toEqual([true, false]);
    await world.grant.organisation.publish(limited({ max: 1 }), world.grant.policyId);
    expect(await admits()).toBe(false);
  });

  it.each([
    ['grant', { again: false, grant: true, identity: true, server: true, policy: true }],
    ['identity', { again: false, grant: false, identity: true, server: false, policy: true }],
    ['server', { again: false, grant: false, identity: false, server: true, policy: true }],
    ['organisation', { again: false, grant: false, identity: false, server: false, policy: true }],
  ])('counts for each %s, whoever else calls, and apart from every other policy', async (scope, admitted) => {
    await start({ policy: limited({ scope }) });
    const { organisation, policyId, serverId, identityId } = world.grant;
    const elsewhere = await organisation.registerHttp('elsewhere', world.upstream.url);
    await organisation.approve(elsewhere, ['echo']);
    const other = await organisation.createIdentity('other');
    const to = async (about: Partial<Parameters<typeof organisation.grant>[0]>, slug = 'tools') => ({ url: world.gateway.urlOf(slug), token: (await organisation.grant({ identityId, serverId, policyId, ...about })).token });
    expect(await admits()).toBe(true);
    expect({
      again: await admits(),
      grant: await admits(await to({})),
      identity: await admits(await to({ identityId: other })),
      server: await admits(await to({ serverId: elsewhere }, 'elsewhere')),
      policy: await admits(await to({ policyId: await organisation.publish(limited({ scope })) })),
    }).toEqual(admitted);
  });

  it('asks which groups an identity is in: members are admitted, others are not, and the answer turns with the groups', async () => {
    const asks = (op: object): object => ({ version: '1', default: 'deny', tools: { echo: { require: [{ conditions: [op] }] } } });
    await start({ policy: asks({ path: 'identity.groups', op: 'contains', value: 'ops' }) });
    const { organisation, policyId, serverId, identityId } = world.grant;
    const member = await organisation.grant({ serverId, policyId, identityId: await organisation.createIdentity('member', { groups: ['dev', 'ops'] }) });
    expect([await admits(), await admits({ url: world.grant.url, token: member.token })]).toEqual([false, true]);
    await organisation.regroup(identityId, ['ops']);
    expect(await admits()).toBe(true);
    await organisation.regroup(identityId, []);
    expect([await admits(), lastReason()]).toEqual([false, ['require_failed', '/tools/echo/require/identity.groups-contains']]);
    await organisation.publish(asks({ not: { path: 'identity.groups', op: 'contains', value: 'ops' } }), policyId);
    expect([await admits(), await admits({ url: world.grant.url, token: member.token })]).toEqual([true, false]);
  });

  it('counts for each session where there is one, and else for each credential', async () => {
    await start({ policy: limited({ scope: 'session' }) });
    const again = await world.grant.organisation.grant(world.grant);
    expect([await admits(), await admits(), await admits({ url: world.grant.url, token: again.token })]).toEqual([true, false, true]);
    world.upstream.script = legacyServer();
    const begin = async (): Promise<Record<string, string>> => ({ 'mcp-session-id': (await postFrame(world.grant, INITIALIZE)).headers.get('mcp-session-id') ?? '' });
    const [one, other] = [await begin(), await begin()];
    expect([await admits(world.grant, one), await admits(world.grant, one), await admits(world.grant, other)]).toEqual([true, false, true]);
  });

  it('tells of a denied request that calls no tool in an error, with the same four members as of a call', async () => {
    await start({ settings: { freshnessMode: 'strict' } });
    world.gateway.clock.advance(5_001);
    const { message } = await postFrame(world.grant, '{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    const inResult = (await call()).message as { readonly result: { readonly _meta: Record<string, object> } };
    const { error } = message as { readonly error: { readonly code: number; readonly data: object } };
    expect(error).toMatchObject({ code: 1403, data: { ruleId: '(stale)', reasonCode: 'policy_stale', policyVersion: 1, decisionId: world.gateway.records[0]?.decisionId } });
    expect(Object.keys(error.data).sort()).toEqual(Object.keys(inResult.result._meta['sallyport/decision'] ?? {}).sort());
  });

  it('remembers what an identity did when it begins a new session [policy/flows]', async () => {
    world.upstream.script = legacyServer();
    await start({ policy: { version: '1', default: 'allow', flows: [{ after: { name: ['other'], marks: 'm' }, deny: { name: ['echo'] }, within: 'session' }] } });
    const begin = async (): Promise<Record<string, string>> => ({ 'mcp-session-id': (await postFrame(world.grant, INITIALIZE)).headers.get('mcp-session-id') ?? '' });
    const first = await begin();
    expect(await admits(world.grant, first)).toBe(true);
    await postFrame(world.grant, callFrame('other'), first);
    expect(await admits(world.grant, await begin())).toBe(false);
    expect(lastReason()).toEqual(['flow_denied', '/flows/0']);
  });
});
