import { generateKeyPairSync } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { callFrame, postFrame } from './testing/post-frame.js';
import { ScriptedUpstream, events, json, legacyServer, textResult, type Script } from './testing/scripted-upstream.js';
import { TestGateway, type TestGrant } from './testing/test-gateway.js';

const CARD = '4111 1111 1111 1111';
const rules = (response: object): object => ({ version: '1', default: 'deny', tools: { echo: { response } } });
const REDACT = { redact: [{ detector: 'credit_card', action: 'remove' }, { path: 'structuredContent.ssn', action: 'remove' }] };
const decisionOf = (answer: { readonly message: unknown }): unknown => (answer.message as { result?: { _meta?: Record<string, unknown> } }).result?._meta?.['sallyport/decision'];

describe('a rule about answers', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let grant: TestGrant;

  const start = async (response: object, script: Script): Promise<void> => {
    upstream.script = script;
    grant = await gateway.grantFor({ url: upstream.url, policy: rules(response) });
  };
  const call = (headers = {}) => postFrame(grant, callFrame('echo'), headers);

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start(legacyServer(false));
    gateway = await TestGateway.start();
  });

  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  it('takes values out of a JSON answer, and its record says where, never what [policy/answers]', async () => {
    await start(REDACT, (seen, response) => json(response, `{"jsonrpc":"2.0","id":${seen.id},"result":{"content":[{"type":"text","text":"pay ${CARD} now"}],"structuredContent":{"ssn":"078-05-1120","n":1.50}}}`));
    const { text } = await call();
    expect(text).toContain('"n":1.50');
    expect(text).not.toContain('4111');
    expect(text).not.toContain('078-05');
    expect(gateway.records.at(-1)).toMatchObject({
      kind: 'completed',
      outcome: 'allowed',
      removedCount: 2,
      removed: [{ pointer: '/result/content/0/text', ruleId: '/tools/echo/response/redact/0', action: 'remove' }, { pointer: '/result/structuredContent/ssn', action: 'remove' }],
    });
    expect(JSON.stringify([gateway.records, gateway.logged])).not.toMatch(/4111 1111|078-05/);
  });

  it('looks at every event of a stream, cut where the network cuts it [policy/answers]', async () => {
    await start(REDACT, (seen, response) => {
      events(response);
      const stream = `id: 1\nevent: message\ndata: {"jsonrpc":"2.0","method":"notifications/message","params":{"data":"${CARD}"}}\n\nid: 2\ndata: ${textResult(seen.id, `card ${CARD}`)}\n\n`;
      for (const piece of stream.match(/[^]{1,37}/g) ?? []) response.write(piece);
      response.end();
    });
    const { text } = await call();
    expect(text).not.toContain('4111');
    expect(text.match(/^data: /gm)?.length).toBe(2);
    expect(text).not.toMatch(/^id:/m);
    expect(gateway.records.at(-1)).toMatchObject({ outcome: 'allowed', removedCount: 2 });
  });

  it('looks at an answer given alone to a client that reads no events', async () => {
    await start(REDACT, (seen, response) => events(response, textResult(seen.id, CARD)));
    const { text } = await call({ accept: 'application/json' });
    expect(text).not.toContain('4111');
    expect(text).toContain('"result"');
  });

  it('looks at the text of errors, whatever status they come with [policy/answers]', async () => {
    await start(REDACT, (seen, response) => json(response, `{"jsonrpc":"2.0","id":${seen.id},"error":{"code":-32000,"message":"no ${CARD}"}}`, { status: 500 }));
    const { text } = await call();
    expect(text).toContain('-32000');
    expect(text).not.toContain('4111');
  });

  it('looks at a large answer whole before any of it goes on', async () => {
    await start(REDACT, (seen, response) => json(response, textResult(seen.id, `${'x'.repeat(1_500_000)} ${CARD}`)));
    const { text } = await call();
    expect(text.length).toBeGreaterThan(1_500_000);
    expect(text).not.toContain('4111');
  });

  it('withholds what it denies, keeps the call counted, and names itself to the client and in the record', async () => {
    await start({ deny_if: [{ conditions: [{ path: 'structuredContent.balance', op: 'gt', value: 10 }], on_deny: 'Too rich.' }] }, (seen, response) =>
      json(response, `{"jsonrpc":"2.0","id":${seen.id},"result":{"content":[],"structuredContent":{"balance":77123}}}`));
    const answer = await call();
    expect(answer.text).not.toContain('77123');
    expect(answer.text).toContain('[POLICY DENIED] Too rich.');
    expect(decisionOf(answer)).toMatchObject({ reasonCode: 'rule_denied' });
    expect(answer.headers.has('sallyport-decision-id')).toBe(false);
    expect(gateway.records.at(-1)).toMatchObject({ kind: 'completed', outcome: 'denied', reasonCode: 'rule_denied', status: 'ok', chargesReleased: false, answerRuleId: expect.stringContaining('/tools/echo/response') as string });
  });

  it('takes a private key out of a text with signs that steer terminals and readers, which go on as they came, and logs none of it', async () => {
    const key = String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })).trim();
    const body = key.split('\n')[1] ?? '';
    const steering = '\u001b[2K\u001b]0;owned\u0007 \u{e0041}\u{e0042}\u202e';
    await start({ redact: [{ detector: 'private_key', action: 'remove' }] }, (seen, response) => json(response, textResult(seen.id, `${steering} ${key} after`)));
    const { text, message } = await call();
    for (const part of [body, 'PRIVATE KEY']) expect(text).not.toContain(part);
    const [content] = (message as { result: { content: { text: string }[] } }).result.content;
    expect(content?.text.startsWith(steering)).toBe(true);
    expect(content?.text.endsWith(' after')).toBe(true);
    expect(gateway.records.at(-1)).toMatchObject({ kind: 'completed', outcome: 'allowed', removedCount: 1, removed: [{ pointer: '/result/content/0/text', ruleId: '/tools/echo/response/redact/0' }] });
    for (const part of [body, 'owned']) expect(JSON.stringify([gateway.records, gateway.logged])).not.toContain(part);
  });

  it('goes by what was answered, not by the output schema that it breaks: what cannot be told is withheld where the rule says so, and the rest goes on as it came', async () => {
    const declared = { name: 'echo', inputSchema: { type: 'object' }, outputSchema: { type: 'object', properties: { balance: { type: 'number' } }, required: ['balance'], additionalProperties: false } };
    const answered = { text: '' };
    await start({ deny_if: [{ conditions: [{ path: 'structuredContent.balance', op: 'gt', value: 10 }], on_missing: 'deny', on_deny: 'Too rich.' }] }, (seen, response) => json(response, answered.text.replace('ID', String(seen.id))));
    await grant.organisation.approve(grant.serverId, [declared, { name: 'other', inputSchema: { type: 'object' } }]);
    for (const balance of ['"77123"', '{"of":77123}', 'null']) {
      answered.text = `{"jsonrpc":"2.0","id":ID,"result":{"content":[],"structuredContent":{"balance":${balance}}}}`;
      expect((await call()).text, balance).toContain('[POLICY DENIED]');
      expect(gateway.records.at(-1), balance).toMatchObject({ kind: 'completed', outcome: 'denied', status: 'ok' });
    }
    answered.text = '{"jsonrpc":"2.0","id":ID,"result":{"content":[],"structuredContent":{"balance":3,"more":[1.50]}}}';
    expect((await call()).text).toContain('"structuredContent":{"balance":3,"more":[1.50]}');
    expect(gateway.records.at(-1)).toMatchObject({ kind: 'completed', outcome: 'allowed', status: 'ok' });
  });

  it.each([
    ['a body', (seen: { id: string | null }, response: Parameters<typeof json>[0]) => json(response, textResult(seen.id, 'x'.repeat(400)))],
    ['an event', (seen: { id: string | null }, response: Parameters<typeof json>[0]) => events(response, textResult(seen.id, 'x'.repeat(400)))],
    ['an event that never ends', (_: object, response: Parameters<typeof json>[0]) => {
      events(response);
      response.write(`data: ${'x'.repeat(5_000)}`);
    }],
  ] as const)('refuses %s larger than it allows', async (_what, script) => {
    await start({ max_bytes: 200 }, script);
    const answer = await call();
    expect(answer.text).not.toContain('xxxx');
    expect(decisionOf(answer)).toMatchObject({ reasonCode: 'rule_denied' });
  });

  it.each([
    ['no JSON', '{"jsonrpc":"2.0","id":1,"result":'],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ])('lets nothing through that is %s', async (_what, body) => {
    await start(REDACT, (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(body);
    });
    expect((await call()).message).toMatchObject({ error: {} });
    expect(gateway.records.at(-1)).toMatchObject({ kind: 'completed', outcome: 'error' });
  });

  it('of one tool leaves the answers of others byte for byte', async () => {
    const odd = '{"jsonrpc":"2.0", "id":1,"result":{"content":[ {"type":"text","text":"4111 1111 1111 1111"}]}}';
    upstream.script = (_, response) => json(response, odd);
    grant = await gateway.grantFor({ url: upstream.url, policy: { version: '1', default: 'deny', tools: { echo: {}, other: { response: REDACT } } } });
    expect((await call()).text).toBe(odd);
  });
});


/** Answers every call with progress and a result that hold a card's number. */
const TALKING_PROCESS = `
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  const say = (message) => console.log(JSON.stringify({ jsonrpc: '2.0', ...message }));
  if (method === 'initialize') say({ id, result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 't', version: '1' } } });
  else if (method === 'tools/call') {
    say({ method: 'notifications/message', params: { level: 'info', data: '${CARD}' } });
    say({ id, result: { content: [{ type: 'text', text: 'card ${CARD}' }] } });
  } else if (id !== undefined) say({ id, error: { code: -32601, message: 'no' } });
});`;

describe('a rule about the answers of a process', () => {
  it('looks at what comes before the answer and at the answer', async () => {
    const gateway = await TestGateway.start({ stdio: [{ slug: 'tools', env: {}, command: process.execPath, args: ['-e', TALKING_PROCESS] }] });
    const grant = await gateway.grantFor({ policy: rules(REDACT) });
    const { text } = await postFrame(grant, callFrame('echo'));
    expect(text).not.toContain('4111');
    expect(text).toContain('card ');
    expect(gateway.records.at(-1)).toMatchObject({ kind: 'completed', outcome: 'allowed' });
    await gateway.stop();
  });
});

describe('a session in which rules look at answers', () => {
  it('takes no stream up again past them', async () => {
    const upstream = await ScriptedUpstream.start(legacyServer());
    const gateway = await TestGateway.start();
    const grant = await gateway.grantFor({ url: upstream.url, policy: rules(REDACT) });
    const begun = await postFrame(grant, '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}');
    const session = { 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': '2025-11-25' };
    const resume = () => fetch(grant.url, { headers: { ...session, accept: 'text/event-stream', authorization: `Bearer ${grant.token}`, 'last-event-id': '1' } });
    await postFrame(grant, callFrame('echo'), session);
    const before = upstream.seen.length;
    expect((await resume()).status).toBe(405);
    expect(upstream.seen.length).toBe(before);
    await gateway.stop();
    await upstream.stop();
  });
});
