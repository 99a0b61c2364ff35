import { journalFault } from '@sallyport/audit';
import { MemoryCounterStore } from '@sallyport/counter-store';
import { afterEach, describe, expect, it } from 'vitest';

import { callFrame, modernFrame, postFrame, type PostedAnswer } from './testing/post-frame.js';
import { ScriptedUpstream, legacyServer } from './testing/scripted-upstream.js';
import { TestGateway, type GrantWish, type TestGatewayOptions, type TestGrant } from './testing/test-gateway.js';

const NOBODY = 'http://127.0.0.1:1/mcp';
const LIMITED = { version: '1', default: 'deny', tools: { echo: { limits: [{ counter: 'c', window: 'day', max: 9 }] } } };

interface Told {
  readonly decisionId: string;
  readonly reasonCode: string;
}

function toldBy({ message }: PostedAnswer): Told | undefined {
  const { error, result } = message as { error?: { data?: Told }; result?: { _meta?: Record<string, Told> } };
  return error?.data ?? result?._meta?.['sallyport/decision'];
}

/** A store that works until it is told otherwise. */
class FailingCounters extends MemoryCounterStore {
  failsAt: 'reserve' | 'release' | null = null;

  override reserve(...asked: Parameters<MemoryCounterStore['reserve']>): ReturnType<MemoryCounterStore['reserve']> {
    if (this.failsAt === 'reserve') throw new TypeError('a fault in the store');
    return super.reserve(...asked);
  }

  override release(...asked: Parameters<MemoryCounterStore['release']>): void {
    if (this.failsAt === 'release') throw new TypeError('a fault in the store');
    super.release(...asked);
  }
}

describe('a decision that a client is told of', () => {
  let gateway: TestGateway;
  let grant: TestGrant;
  const stops: (() => Promise<void>)[] = [];

  async function start(wish: GrantWish, options: TestGatewayOptions = {}): Promise<void> {
    gateway = await TestGateway.start(options);
    stops.push(() => gateway.stop());
    grant = await gateway.grantFor(wish);
  }

  async function reachable(options: TestGatewayOptions): Promise<void> {
    const upstream = await ScriptedUpstream.start(legacyServer(false));
    await start({ url: upstream.url, policy: LIMITED }, options);
    stops.push(() => upstream.stop());
  }

  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  const legacy = (method: string, params: object = {}): Promise<PostedAnswer> => postFrame(grant, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  const modern = (method: string): Promise<PostedAnswer> => {
    const { body, headers } = modernFrame(method);
    return postFrame(grant, body, headers);
  };
  const HELLO = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'agent', version: '1' } };

  it.each<[string, GrantWish, () => Promise<PostedAnswer>]>([
    ['initialize', { url: NOBODY }, () => legacy('initialize', HELLO)],
    ['initialize', {}, () => legacy('initialize', HELLO)],
    ['ping', { url: NOBODY }, () => legacy('ping')],
    ['logging/setLevel', { url: NOBODY }, () => legacy('logging/setLevel', { level: 'info' })],
    ['server/discover', { url: NOBODY, eras: ['modern'] }, () => modern('server/discover')],
    ['subscriptions/listen', { url: NOBODY, eras: ['modern'] }, () => modern('subscriptions/listen')],
  ])('is on record: %s, to a server that is not there', async (method, wish, ask) => {
    await start(wish);
    const told = toldBy(await ask());
    expect(told).toMatchObject({ reasonCode: 'server_unavailable' });
    expect(gateway.records).toMatchObject([{ kind: 'decided', decisionId: told?.decisionId, method, effect: 'deny', outcome: 'denied', reasonCode: 'server_unavailable' }]);
    expect(await gateway.metrics.metrics()).toContain('sallyport_denials_total{reason="server_unavailable"} 1\n');
  });

  it('is on record where deciding failed', async () => {
    const counters = new FailingCounters();
    await reachable({ parts: { counters } });
    counters.failsAt = 'reserve';
    const told = toldBy(await postFrame(grant, callFrame('echo')));
    expect(told).toMatchObject({ reasonCode: 'evaluation_error' });
    expect(gateway.records).toMatchObject([{ kind: 'decided', decisionId: told?.decisionId, effect: 'deny', reasonCode: 'evaluation_error', tool: 'echo' }]);
  });

  it('comes though its units cannot be given back, and leaves no call under way', async () => {
    const counters = new FailingCounters();
    await reachable({ parts: { counters }, limits: { concurrentCallsPerIdentity: 1 } });
    counters.failsAt = 'release';
    gateway.journal.failWith(journalFault.full('no space'));
    for (let time = 0; time < 3; time += 1) expect(toldBy(await postFrame(grant, callFrame('echo')))).toMatchObject({ reasonCode: 'audit_unavailable' });
    gateway.journal.failWith(null);
    expect((await postFrame(grant, callFrame('echo'))).message).toMatchObject({ result: { content: [{ type: 'text' }] } });
  });
});
