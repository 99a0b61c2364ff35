import { journalFault } from '@sallyport/audit';
import { counterFault } from '@sallyport/counter-store';
import { describe, expect, it } from 'vitest';

import { guardedUpstream } from './testing/guarded-upstream.js';
import { callFrame, modernFrame, postFrame } from './testing/post-frame.js';
import { json, textResult } from './testing/scripted-upstream.js';

const decisionOf = (answer: { readonly message: unknown }): unknown => (answer.message as { result?: { _meta?: Record<string, unknown> } }).result?._meta?.['sallyport/decision'];

describe('a denial', () => {
  const world = guardedUpstream();
  const start = world.start.bind(world);
  const call = (tool = 'echo', args: object = {}) => postFrame(world.grant, callFrame(tool, args));
  const send = (method: string, params: object = {}) => postFrame(world.grant, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  const names = async (): Promise<readonly string[]> => ((await send('tools/list')).message as { result: { tools: { name: string }[] } }).result.tools.map(({ name }) => name);

  it('under default deny looks the same for a hidden tool, an unnamed one and one that is not there [gateway/denial-shape]', async () => {
    await start({ policy: { version: '1', default: 'deny', hide: ['other'], tools: { echo: {} } }, tools: ['echo', 'other', 'third'] });
    const answers = [await call('other'), await call('third'), await call('nothing')];
    for (const answer of answers) expect(decisionOf(answer)).toMatchObject({ ruleId: '(default deny)', reasonCode: 'default_deny', policyVersion: 1 });
    expect(new Set(answers.map(({ text }) => text.replace(/[0-9a-f-]{36}/, ''))).size).toBe(1);
    expect(world.gateway.records.map((record) => record.reasonCode)).toEqual(['hidden', 'default_deny', 'default_deny']);
    expect(await names()).toEqual(['echo']);
  });

  it('under default allow knows a hidden tool no better than one that is not there [gateway/denial-shape]', async () => {
    await start({ policy: { version: '1', default: 'allow', hide: ['other'] }, tools: ['echo', 'other'] });
    const [hidden, absent] = [await call('other'), await call('absent')];
    expect(hidden.message).toEqual({ jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'Unknown tool: other' } });
    expect(absent.message).toEqual({ jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'Unknown tool: absent' } });
    expect(world.gateway.records).toMatchObject([{ reasonCode: 'hidden', tool: 'other' }, { reasonCode: 'quarantined', tool: 'absent' }]);
    expect(await names()).toEqual(['echo']);
  });

  it('names its rule and speaks in the rule’s words, and the tool stays listed', async () => {
    await start({ policy: { version: '1', default: 'deny', tools: { echo: { deny_if: [{ conditions: [{ path: 'args.amount', op: 'gt', value: 100 }], on_deny: 'Too much.' }] } } } });
    const answer = await call('echo', { amount: 987654321012345 });
    expect(answer.message).toMatchObject({ result: { isError: true, content: [{ type: 'text', text: '[POLICY DENIED] Too much.' }] } });
    expect(decisionOf(answer)).toMatchObject({ ruleId: '/tools/echo/deny_if/args.amount-gt', reasonCode: 'rule_denied' });
    expect(world.gateway.records).toMatchObject([{ argumentKeys: ['amount'], reasonCode: 'rule_denied' }]);
    expect(JSON.stringify(world.gateway.records)).not.toContain('987654321012345');
    expect(await names()).toEqual(['echo']);
  });

  it('reads a number exactly from the source text', async () => {
    await start({ policy: { version: '1', default: 'deny', tools: { echo: { deny_if: [{ conditions: [{ path: 'args.n', op: 'gt', value: 9007199254740992 }] }] } } } });
    const body = callFrame('echo', { n: 0 }).replace('"n":0', '"n":9007199254740993');
    expect(decisionOf(await postFrame(world.grant, body))).toMatchObject({ reasonCode: 'rule_denied' });
  });

  it('by a limit names the limit and says when it resets; another grant is not affected, and the next window is open', async () => {
    await start({ policy: { version: '1', default: 'deny', tools: { echo: { limits: [{ counter: 'echo_rate', window: 'minute', max: 2 }] } } } });
    await call();
    await call();
    const third = await call();
    expect(third.text).toContain('echo_rate');
    expect(decisionOf(third)).toMatchObject({ ruleId: '/tools/echo/limits/echo_rate', reasonCode: 'limit_exceeded', retryAfterMs: expect.any(Number) as number });
    expect(world.gateway.records.at(-1)).toMatchObject({ outcome: 'limited' });
    const other = await world.grant.organisation.grant(world.grant);
    expect((await postFrame({ url: world.grant.url, token: other.token }, callFrame('echo'))).text).not.toContain('isError');
    world.gateway.clock.advance(60_000);
    world.gateway.feed.beat();
    expect(decisionOf(await call())).toBeUndefined();
  });

  it('does not spend a limit when the upstream answers with an error, and does when the tool does', async () => {
    await start({ policy: { version: '1', default: 'deny', tools: { echo: { limits: [{ counter: 'c', window: 'minute', max: 1 }] } } } });
    world.upstream.script = (seen, response) => json(response, `{"jsonrpc":"2.0","id":${seen.id},"error":{"code":-32000,"message":"no"}}`);
    expect((await call()).message).toMatchObject({ error: { code: -32000, message: 'no' } });
    expect(world.gateway.records.at(-1)).toMatchObject({ outcome: 'allowed', status: 'rpc_error', rpcCode: -32000, chargesReleased: true });
    world.upstream.script = (seen, response) => json(response, textResult(seen.id, 'x').replace('"result":{', '"result":{"isError":true,'));
    await call();
    expect(world.gateway.records.at(-1)).toMatchObject({ status: 'tool_error', chargesReleased: false });
    expect(decisionOf(await call())).toMatchObject({ reasonCode: 'limit_exceeded' });
  });

  it('comes from a grant whose policy has no version in force', async () => {
    await start({ policy: { version: '1', default: 'allow', mode: 'shadow' } });
    expect(decisionOf(await call())).toMatchObject({ ruleId: '(no policy)', policyVersion: null });
    expect(await names()).toEqual([]);
  });

  it('meets a quarantined tool until it is approved again', async () => {
    await start();
    await world.grant.organisation.quarantine(world.grant.serverId, ['echo']);
    expect(decisionOf(await call())).toMatchObject({ ruleId: '(quarantined)', reasonCode: 'quarantined' });
    expect(await names()).toEqual([]);
    await world.grant.organisation.approve(world.grant.serverId, ['echo']);
    expect(decisionOf(await call())).toBeUndefined();
  });

  it.each([
    ['strict', 5_001, 'policy_stale'],
    ['strict', -2_001, 'clock_skew'],
    ['fail_static', 60_001, 'policy_stale'],
  ] as const)('is all a worker gives in %s when its stamp is %i ms old', async (freshnessMode, ageMs, reasonCode) => {
    await start({ settings: { freshnessMode } });
    world.gateway.clock.advance(ageMs);
    expect(decisionOf(await call())).toMatchObject({ ruleId: '(stale)', reasonCode });
    expect(world.gateway.records).toMatchObject([{ policyAgeMs: ageMs < 0 ? null : ageMs }]);
    expect((await send('tools/list')).message).toMatchObject({ error: { code: 1403, data: { reasonCode } } });
    world.gateway.feed.beat();
    expect(world.upstream.calls).toEqual([]);
  });

  it('is not given for a stamp a little in the future, which counts as new', async () => {
    await start({ settings: { freshnessMode: 'strict' } });
    world.gateway.clock.advance(-1_500);
    expect(decisionOf(await call())).toBeUndefined();
    expect(world.gateway.records[0]).toMatchObject({ kind: 'decided', policyAgeMs: 0 });
  });

  it('is lifted for fail_static within its age', async () => {
    await start({ settings: { freshnessMode: 'fail_static' } });
    world.gateway.clock.advance(59_000);
    expect(decisionOf(await call())).toBeUndefined();
    expect(world.gateway.records[0]).toMatchObject({ kind: 'decided', policyAgeMs: 59_000 });
  });

  it('meets a disabled server', async () => {
    await start();
    await world.grant.organisation.append({ kind: 'server', id: world.grant.serverId }, { type: 'server.disabled', version: 1, data: { serverId: world.grant.serverId } });
    expect(decisionOf(await call())).toMatchObject({ reasonCode: 'server_unavailable' });
  });

  it('meets a call whose decision does not reach the bus in time, where the organisation waits for that', async () => {
    await start({ settings: { auditDurability: 'bus' } }, { limits: { busWaitMs: 20 } });
    world.gateway.journal.loseBus(true);
    expect(decisionOf(await call())).toMatchObject({ reasonCode: 'audit_unavailable' });
    expect(world.gateway.records).toMatchObject([
      { kind: 'decided', effect: 'allow', durability: 'bus' },
      { kind: 'completed', outcome: 'denied', reasonCode: 'audit_unavailable', status: 'not_called' },
    ]);
    expect(world.upstream.calls).toEqual([]);
  });

  it('does not meet a call that reaches the bus late but in time', async () => {
    await start({ settings: { auditDurability: 'bus' } });
    world.gateway.journal.loseBus(true);
    const called = call();
    await expect.poll(() => world.gateway.records.length).toBe(1);
    expect(world.upstream.calls).toEqual([]);
    world.gateway.journal.loseBus(false);
    expect(decisionOf(await called)).toBeUndefined();
    expect(world.upstream.calls).toHaveLength(1);
  });

  it('gives back the limits of a call that did not reach the bus', async () => {
    await start(
      { settings: { auditDurability: 'bus' }, policy: { version: '1', default: 'deny', tools: { echo: { limits: [{ counter: 'c', window: 'minute', max: 1 }] } } } },
      { limits: { busWaitMs: 20 } },
    );
    world.gateway.journal.loseBus(true);
    expect(decisionOf(await call())).toMatchObject({ reasonCode: 'audit_unavailable' });
    world.gateway.journal.loseBus(false);
    expect(decisionOf(await call())).toBeUndefined();
  });

  it('meets calls while the journal is full, which gives their limits back, and no longer', async () => {
    await start({ policy: { version: '1', default: 'deny', tools: { echo: { limits: [{ counter: 'c', window: 'minute', max: 1 }] } } } });
    world.gateway.journal.failWith(journalFault.full('no space'));
    expect(decisionOf(await call())).toMatchObject({ reasonCode: 'audit_unavailable' });
    expect(world.gateway.fatal).toEqual([]);
    world.gateway.journal.failWith(null);
    expect(decisionOf(await call())).toBeUndefined();
  });

  it('meets a call whose journal broke, and the process is told to end', async () => {
    await start();
    world.gateway.journal.failWith(journalFault.broken('EIO'));
    expect(decisionOf(await call())).toMatchObject({ reasonCode: 'audit_unavailable' });
    expect(world.gateway.fatal).toHaveLength(1);
    expect(world.gateway.gateway.ready()).toEqual(['the decision journal is broken']);
  });

  it.each([
    ['away', counterFault.unavailable('down'), 'limit_store_unavailable'],
    ['empty', counterFault.reset('flushed'), 'limit_store_reset'],
  ])('meets hard limits while their store is %s', async (_what, fault, reasonCode) => {
    const counters = { reserve: () => Promise.reject(fault), release: () => undefined, settle: () => undefined };
    await start({ policy: { version: '1', default: 'deny', tools: { echo: { limits: [{ counter: 'c', window: 'minute', max: 1 }] } } } }, { parts: { counters } });
    expect(decisionOf(await call())).toMatchObject({ reasonCode, retryAfterMs: 1_000 });
    expect(world.upstream.calls).toEqual([]);
  });

  it('meets one call too many of an identity, with 429', async () => {
    await start({}, { limits: { concurrentCallsPerIdentity: 1 } });
    let release = (): void => undefined;
    world.upstream.script = (seen, response) => void (release = () => json(response, textResult(seen.id, 'late')));
    const first = call();
    await world.upstream.hasSeen(1);
    const second = await call();
    expect(second.status).toBe(429);
    expect(second.headers.get('retry-after')).toBe('1');
    expect(second.text).toContain('too_many_calls');
    release();
    expect((await first).text).toContain('late');
    expect(world.gateway.records.map((record) => record.reasonCode)).toEqual([null, 'too_many_calls', null]);
  });

  it('of prompts and resources follows the default: −32601 under deny, relayed and recorded under allow', async () => {
    await start();
    expect(await send('prompts/list')).toMatchObject({ status: 200, message: { error: { code: -32601 } } });
    expect(world.gateway.records).toMatchObject([{ method: 'prompts/list', reasonCode: 'default_deny', tool: null }]);
    await world.grant.organisation.publish({ version: '1', default: 'allow' }, world.grant.policyId);
    expect((await send('resources/read', { uri: 'a:b' })).message).toMatchObject({ result: {} });
    expect(world.gateway.records.slice(1)).toMatchObject([{ method: 'resources/read', ruleId: '(default allow)' }, { outcome: 'allowed' }]);
  });

  it('waits for a revision that is on its way, and is stale for one that does not come', async () => {
    await start();
    const ahead = await postFrame(world.grant, callFrame('echo'), { 'sallyport-min-revision': String(world.grant.revision + 1) });
    expect(decisionOf(ahead)).toMatchObject({ reasonCode: 'policy_stale' });
    const waiting = postFrame(world.grant, callFrame('echo'), { 'sallyport-min-revision': String(world.grant.revision + 1) });
    await world.grant.organisation.createIdentity('somebody');
    expect(decisionOf(await waiting)).toBeUndefined();
  });

  it('has its request id echoed when it is sane, and only then', async () => {
    await start();
    expect((await postFrame(world.grant, callFrame('other'), { 'x-request-id': 'trace-1' })).headers.get('x-request-id')).toBe('trace-1');
    expect((await postFrame(world.grant, callFrame('other'), { 'x-request-id': 'a b"c' })).headers.get('x-request-id')).toBeNull();
    expect(world.gateway.records).toMatchObject([{ requestId: 'trace-1' }, { requestId: null }]);
  });

  it('reaches a modern client as a complete result', async () => {
    await start({ eras: ['modern'] });
    const modern = modernFrame('tools/call', { name: 'other' });
    const answer = await postFrame(world.grant, modern.body, modern.headers);
    expect(answer).toMatchObject({ status: 200, message: { result: { resultType: 'complete', isError: true } } });
    const listed = modernFrame('tools/list');
    expect((await postFrame(world.grant, listed.body, listed.headers)).message).toMatchObject({ result: { cacheScope: 'private', ttlMs: 0, tools: [{ name: 'echo' }] } });
    const prompts = modernFrame('prompts/list');
    expect(await postFrame(world.grant, prompts.body, prompts.headers)).toMatchObject({ status: 404, message: { error: { code: -32601 } } });
  });
});
