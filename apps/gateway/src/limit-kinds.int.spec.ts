import { MemoryCounterStore } from '@sallyport/counter-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { callFrame, postFrame } from './testing/post-frame.js';
import { ScriptedUpstream, json, legacyServer, textResult, type Script } from './testing/scripted-upstream.js';
import { TestGateway, type TestGrant } from './testing/test-gateway.js';

const decisionOf = (answer: { readonly message: unknown }): unknown => (answer.message as { result?: { _meta?: Record<string, unknown> } }).result?._meta?.['sallyport/decision'];
const limited = (...limits: readonly object[]): object => ({ version: '1', default: 'deny', tools: { echo: { limits } } });
const failing: Script = (seen, response) => json(response, `{"jsonrpc":"2.0","id":${seen.id},"result":{"isError":true,"content":[]}}`);

describe('a limit', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let grant: TestGrant;

  const start = async (policy: object, counters = new MemoryCounterStore()): Promise<void> => {
    gateway = await TestGateway.start({ parts: { counters } });
    grant = await gateway.grantFor({ url: upstream.url, policy });
  };
  const call = (args: object = {}) => postFrame(grant, callFrame('echo', args));
  const admits = async (args: object = {}): Promise<boolean> => decisionOf(await call(args)) === undefined;

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start(legacyServer(false));
  });

  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  it('of calls in flight admits the next when one has ended, is of no window, and leaves no charge in the record', async () => {
    await start(limited({ counter: 'c', window: 'concurrent', max: 1 }, { counter: 'd', window: 'day', max: 9 }));
    const held: (() => void)[] = [];
    upstream.script = (seen, response) => void held.push(() => json(response, textResult(seen.id, 'late')));
    const first = call();
    await upstream.hasSeen(1);
    expect(decisionOf(await call())).toMatchObject({ reasonCode: 'limit_exceeded', ruleId: '/tools/echo/limits/c', retryAfterMs: 1_000 });
    held[0]?.();
    await first;
    upstream.script = legacyServer(false);
    expect(await admits()).toBe(true);
    const charged = gateway.records.flatMap((record) => (record.kind === 'decided' && record.effect === 'allow' ? [record.charges.map(({ key }) => key.split('/')[2])] : []));
    expect(charged).toEqual([['d'], ['d']]);
  });

  it('of sliding time has room again when its oldest unit has gone, and says so', async () => {
    await start(limited({ counter: 'c', window: 'minute', max: 2, algorithm: 'sliding' }));
    await call();
    gateway.clock.advance(50_000);
    gateway.feed.beat();
    await call();
    expect(decisionOf(await call())).toMatchObject({ reasonCode: 'limit_exceeded', retryAfterMs: 10_000 });
    gateway.clock.advance(10_000);
    gateway.feed.beat();
    expect([await admits(), await admits()]).toEqual([true, false]);
  });

  it('that counts successes gets back what a tool’s error took, and one beside it that counts calls does not', async () => {
    await start(limited({ counter: 's', window: 'day', max: 1, count: 'success' }, { counter: 'c', window: 'day', max: 2 }));
    upstream.script = failing;
    await call();
    expect(gateway.records.at(-1)).toMatchObject({ kind: 'completed', status: 'tool_error', chargesReleased: false });
    upstream.script = legacyServer(false);
    expect(await admits()).toBe(true);
    expect(decisionOf(await call())).toMatchObject({ ruleId: '/tools/echo/limits/s' });
  });

  it('that counts successes alone is recorded as given back', async () => {
    await start(limited({ counter: 's', window: 'day', max: 1, count: 'success' }, { counter: 'c', window: 'concurrent', max: 1 }));
    upstream.script = failing;
    await call();
    expect(gateway.records.at(-1)).toMatchObject({ kind: 'completed', chargesReleased: true });
    upstream.script = legacyServer(false);
    expect([await admits(), await admits()]).toEqual([true, false]);
  });

  it('that may be exceeded with approval asks for it', async () => {
    await start(limited({ counter: 'c', window: 'day', max: 1, on_exceed: 'require_approval' }));
    await call();
    expect(decisionOf(await call())).toMatchObject({ reasonCode: 'approval_required', ruleId: '/tools/echo/limits/c' });
    expect(gateway.records.at(-1)).toMatchObject({ outcome: 'approval_required', reasonCode: 'approval_required' });
  });

  it.each([3, 200])('kept for each value of an argument tells values of %i characters apart and keeps them out of its key', async (length) => {
    await start(limited({ counter: 'c', window: 'day', max: 1, scope: 'argument:args.customer' }));
    const [one, other] = [{ customer: `${'ü'.repeat(length)}1` }, { customer: `${'ü'.repeat(length)}2` }];
    expect([await admits(one), await admits(other), await admits(one)]).toEqual([true, true, false]);
    expect(JSON.stringify(gateway.records)).not.toContain('üüü');
  });

  it('is told the id of the decision, and its units are recorded as the store charged them', async () => {
    const asked: (string | undefined)[] = [];
    const store = new MemoryCounterStore();
    const moved: MemoryCounterStore = Object.assign(Object.create(store) as MemoryCounterStore, {
      reserve: (asks: Parameters<MemoryCounterStore['reserve']>[0], id?: string) => {
        asked.push(id);
        const later = asks.map((ask) => ({ ...ask, windowStartMs: ask.windowEndMs, windowEndMs: ask.windowEndMs }));
        return { taken: true, asks: later };
      },
      settle: () => undefined,
    });
    await start(limited({ counter: 'c', window: 'day', max: 1 }), moved);
    await call();
    const [decided] = gateway.records;
    expect(asked).toEqual([decided?.decisionId]);
    expect(decided?.kind === 'decided' && decided.charges[0]?.windowStartMs === decided.charges[0]?.windowEndMs).toBe(true);
  });
});
