import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { postFrame } from './testing/post-frame.js';
import { ScriptedUpstream, legacyServer } from './testing/scripted-upstream.js';
import { TestGateway, type TestGrant } from './testing/test-gateway.js';

const INITIALIZE = '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"desk","version":"1"}}}';
const POLICY = { version: '1', default: 'deny', tools: { echo: {} } };
const MAX_STREAMS = 16;

/** An event stream that is being read. */
class Listening {
  readonly status: number;
  private readonly reader;
  private text = '';

  constructor(response: Response, private readonly hangUp: AbortController) {
    this.status = response.status;
    this.reader = response.body?.getReader();
  }

  /** Reads until the text has come; answers all that came so far. */
  async until(wanted: string): Promise<string> {
    while (!this.text.includes(wanted)) {
      const next = await this.reader?.read();
      if (next?.value === undefined) return `${this.text}(ended)`;
      this.text += Buffer.from(next.value).toString();
    }
    return this.text;
  }

  leave(): void {
    this.hangUp.abort();
  }
}

describe('streams of one legacy session', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let grant: TestGrant;
  let session: string;
  let ownClosed: () => void;

  beforeEach(async () => {
    ownClosed = () => undefined;
    const plain = legacyServer();
    upstream = await ScriptedUpstream.start((seen, response) => {
      if (seen.method !== 'GET') return plain(seen, response);
      if (seen.headers['last-event-id'] === undefined) response.once('close', () => ownClosed());
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`id: e\ndata: {"jsonrpc":"2.0","method":"notifications/x","params":{"from":"${seen.headers['last-event-id']?.toString() ?? 'own'}"}}\n\n`);
    });
    gateway = await TestGateway.start();
    grant = await gateway.grantFor({ url: upstream.url, policy: POLICY });
    session = (await postFrame(grant, INITIALIZE)).headers.get('mcp-session-id') ?? '';
  });

  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  const listen = async (lastEventId?: string): Promise<Listening> => {
    const hangUp = new AbortController();
    const headers = { accept: 'text/event-stream', authorization: `Bearer ${grant.token}`, 'mcp-session-id': session, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) };
    return new Listening(await fetch(grant.url, { headers, signal: hangUp.signal }), hangUp);
  };

  it('takes up a call’s stream that broke off beside the session’s own, and lets the upstream tell which it is', async () => {
    const own = await listen();
    expect(await own.until('own')).toContain('"from":"own"');
    const resumed = await listen('call-7');
    expect(await resumed.until('call-7')).toContain('"from":"call-7"');
    expect(resumed.status).toBe(200);
  });

  it('opens the session’s own beside a call’s that was taken up first, and only one of its own', async () => {
    await (await listen('call-7')).until('call-7');
    await (await listen()).until('own');
    expect((await listen()).status).toBe(409);
  });

  it('tells of changed tools on one stream only, on another when that is gone', async () => {
    const [own, resumed] = [await listen(), await listen('call-7')];
    await Promise.all([own.until('own'), resumed.until('call-7')]);
    await grant.organisation.publish({ version: '1', default: 'deny', tools: { echo: {}, other: {} } }, grant.policyId);
    gateway.gateway.nudge();
    expect(await own.until('list_changed')).toContain('notifications/tools/list_changed');
    const closed = new Promise<void>((resolve) => (ownClosed = resolve));
    own.leave();
    await closed;
    await grant.organisation.publish(POLICY, grant.policyId);
    gateway.gateway.nudge();
    expect((await resumed.until('list_changed')).match(/list_changed/g)).toHaveLength(1);
  });

  it('opens no more than it may have', async () => {
    for (let n = 0; n < MAX_STREAMS; n += 1) expect((await listen(`call-${n}`)).status).toBe(200);
    expect((await listen('one-more')).status).toBe(409);
    expect(upstream.seen.filter(({ method }) => method === 'GET')).toHaveLength(MAX_STREAMS);
  });
});
