import { HUGE_RESULT_BYTES, hostileUpstream, type HostileMode, type HostileUpstream } from '@sallyport/test-support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { callFrame, modernFrame, postFrame } from './testing/post-frame.js';
import { TestGateway, type TestGrant } from './testing/test-gateway.js';

describe('a hostile upstream', () => {
  let gateway: TestGateway;
  let upstream: HostileUpstream;
  let grant: TestGrant;

  const start = async (limits = {}, timeoutMs?: number): Promise<void> => {
    gateway = await TestGateway.start({ limits });
    grant = await gateway.grantFor({
      url: upstream.url,
      tools: [upstream.tool],
      policy: { version: '1', default: 'deny', tools: { [upstream.tool]: { limits: [{ counter: 'calls', window: 'day', max: 2 }] } } },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  };
  const call = () => postFrame(grant, callFrame(upstream.tool));

  beforeEach(async () => {
    upstream = await hostileUpstream('honest');
  });

  afterEach(async () => {
    upstream.turn('honest');
    const fresh = await grant.organisation.grant(grant);
    expect((await postFrame({ url: grant.url, token: fresh.token }, callFrame(upstream.tool))).message).toMatchObject({ result: {} });
    expect(gateway.fatal).toEqual([]);
    await gateway.stop();
    await upstream.close();
  });

  it.each([
    ['answers another request’s id', 'wrong-id', 'transport_error'],
    ['answers with a response to another call', 'foreign-response', 'transport_error'],
    ['answers with a batch', 'batch', 'transport_error'],
    ['answers with something that is not JSON', 'not-json', 'transport_error'],
    ['cuts its answer off', 'reset-mid-result', 'transport_error'],
    ['points somewhere else', 'redirect', 'transport_error'],
    ['sends a bomb in gzip', 'gzip-bomb', 'transport_error'],
  ] as const)('that %s costs that call and nothing else', async (_what, mode: HostileMode, status) => {
    await start();
    upstream.turn(mode);
    const { message, headers } = await call();
    expect(message).toMatchObject({ id: 1, error: { code: 1502 } });
    const decisionId = headers.get('sallyport-decision-id');
    expect(gateway.records).toMatchObject([{ kind: 'decided', decisionId }, { kind: 'completed', outcome: 'error', status, chargesReleased: false }]);
  });

  it('that answers twice is cut after its first answer', async () => {
    await start();
    upstream.turn('two-responses');
    const { text } = await call();
    expect(text).toContain('first');
    expect(text).not.toContain('second');
    expect(gateway.records).toHaveLength(2);
  });

  it.each([
    ['refuses the gateway’s own credential', 'unauthorised'],
    ['fails', 'server-error'],
  ] as const)('that %s is reported as its own failure, and the limit is not spent', async (_what, mode) => {
    await start();
    upstream.turn(mode);
    for (let n = 0; n < 3; n += 1) {
      const { status, message, headers } = await call();
      expect([status, message, headers.get('sallyport-decision-id')]).toMatchObject([200, { id: 1, error: { code: 1502 } }, gateway.records.at(-1)?.decisionId]);
    }
    expect(gateway.records.at(-1)).toMatchObject({ kind: 'completed', outcome: 'error', status: 'transport_error', chargesReleased: true });
  });

  it('that never answers is given up, and the limit is spent, because the call may have run', async () => {
    await start({}, 200);
    upstream.turn('hang-before-headers');
    expect((await call()).message).toMatchObject({ error: { code: 1502 } });
    expect(gateway.records.at(-1)).toMatchObject({ outcome: 'error', status: 'timeout', chargesReleased: false });
  });

  it('that trickles is ended by the call’s own time', async () => {
    await start({ callTimeoutMs: 1_000 }, 1_000);
    upstream.turn('trickle');
    const answer = call();
    await expect.poll(() => upstream.open()).toBe(1);
    upstream.drip();
    gateway.clock.advance(1_001);
    expect((await answer).message).toMatchObject({ error: { code: 1502 } });
    expect(gateway.records.at(-1)).toMatchObject({ outcome: 'error', status: 'timeout' });
  });

  it('that sends fifty megabytes is streamed, and cut at the limit', async () => {
    await start();
    upstream.turn('huge-result');
    expect((await call()).text.length).toBeGreaterThan(HUGE_RESULT_BYTES);
    expect(gateway.records.at(-1)).toMatchObject({ outcome: 'allowed', status: 'ok' });
    await gateway.stop();
    await start({ resultBytes: 1_000_000 });
    expect((await call()).message).toMatchObject({ error: { code: 1502 } });
    expect(gateway.records.at(-1)).toMatchObject({ outcome: 'error', status: 'transport_error' });
  });

  it('that is not there is a refusal after the record, without a charge', async () => {
    await start();
    await grant.organisation.append({ kind: 'server', id: grant.serverId }, { type: 'server.updated', version: 1, data: { serverId: grant.serverId, upstream: { kind: 'http', url: 'http://127.0.0.1:1/mcp', headers: [] }, timeoutMs: 1_000 } });
    expect((await call()).message).toMatchObject({ result: { isError: true, _meta: { 'sallyport/decision': { reasonCode: 'server_unavailable' } } } });
    expect(gateway.records).toMatchObject([{ kind: 'decided', effect: 'allow' }, { kind: 'completed', outcome: 'denied', status: 'not_called', reasonCode: 'server_unavailable', chargesReleased: true }]);
    await grant.organisation.append({ kind: 'server', id: grant.serverId }, { type: 'server.updated', version: 1, data: { serverId: grant.serverId, upstream: { kind: 'http', url: upstream.url, headers: [] }, timeoutMs: 1_000 } });
  });

  it('on a network the operator did not open is never connected to', async () => {
    await start();
    await grant.organisation.append({ kind: 'server', id: grant.serverId }, { type: 'server.updated', version: 1, data: { serverId: grant.serverId, upstream: { kind: 'http', url: 'http://169.254.169.254/mcp', headers: [] }, timeoutMs: 1_000 } });
    const { text } = await call();
    expect(text).toContain('server_unavailable');
    expect(text).not.toContain('169.254');
    await grant.organisation.append({ kind: 'server', id: grant.serverId }, { type: 'server.updated', version: 1, data: { serverId: grant.serverId, upstream: { kind: 'http', url: upstream.url, headers: [] }, timeoutMs: 1_000 } });
  });

  it('of the legacy era is not offered to a modern client', async () => {
    await start();
    const modern = modernFrame('tools/call', { name: upstream.tool });
    expect(await postFrame(grant, modern.body, modern.headers)).toMatchObject({
      status: 400,
      message: { error: { code: -32022, data: { supported: ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'], requested: '2026-07-28' } } },
    });
    expect(gateway.records).toEqual([]);
  });
});
