import { rawRequest, sendBytes } from '@sallyport/test-support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { callFrame, modernFrame, postFrame } from './testing/post-frame.js';
import { ScriptedUpstream, legacyServer } from './testing/scripted-upstream.js';
import { TestGateway, type TestGrant } from './testing/test-gateway.js';

const frame = (params: string): string => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;
const withArguments = (args: string): string => frame(`{"name":"echo","arguments":${args}}`);
const MALFORMED = { kind: 'decided', effect: 'deny', outcome: 'denied', reasonCode: 'request_malformed' };

/** Refused, recorded, not forwarded, and the next good call goes through. */
describe('a hostile request of a known caller', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let grant: TestGrant;

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start(legacyServer(false));
    gateway = await TestGateway.start();
    grant = await gateway.grantFor({ url: upstream.url, eras: ['legacy', 'modern'] });
  });

  afterEach(async () => {
    expect(upstream.calls).toEqual([]);
    expect((await postFrame(grant, callFrame('echo', {}, 'after'))).message).toMatchObject({ id: 'after', result: { content: [{}] } });
    expect(gateway.fatal).toEqual([]);
    await gateway.stop();
    await upstream.stop();
  });

  it.each([
    ['a mebibyte of opening brackets', '['.repeat(1_048_576), 400, -32600],
    ['deep nesting', withArguments(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`), 400, -32600],
    ['200,000 keys', withArguments(`{${Array.from({ length: 60_000 }, (_, n) => `"k${n}":1`).join(',')}}`), 413, -32600],
    ['a duplicate name, the allowed one first', frame('{"name":"echo","name":"other"}'), 400, -32600],
    ['a duplicate name, the allowed one last', frame('{"name":"other","name":"echo"}'), 400, -32600],
    ['a case twin of method', '{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call","params":{"name":"echo"}}', 400, -32600],
    ['an escaped key', frame('{"n\\u0061me":"echo"}'), 400, -32600],
    ['a number beyond a double', withArguments('{"n":1e400}'), 400, -32600],
    ['__proto__ in arguments', withArguments('{"__proto__":{"x":1}}'), 400, -32600],
    ['a lone surrogate', withArguments('{"s":"\\ud800"}'), 400, -32600],
    ['a byte order mark', `\ufeff${callFrame('echo')}`, 400, -32700],
    ['a batch', `[${callFrame('echo')}]`, 400, -32600],
    ['no JSON', 'hello', 400, -32700],
    ['half a frame', callFrame('echo').slice(0, -5), 400, -32700],
  ])('with %s', async (_what, body, status, code) => {
    const answer = await postFrame(grant, body);
    expect(answer.status).toBe(status);
    expect(answer.message).toMatchObject({ jsonrpc: '2.0', id: null, error: { code } });
    expect(gateway.records).toMatchObject([{ ...MALFORMED, method: null, tool: null }]);
  });

  it('with invalid UTF-8', async () => {
    const body = Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ec'), Buffer.from([0xff]), Buffer.from('ho"}}')]);
    expect((await postFrame(grant, body)).status).toBe(400);
    expect(gateway.records).toMatchObject([MALFORMED]);
  });

  it('with more than a mebibyte, announced or not', async () => {
    const body = withArguments(`{"s":"${'x'.repeat(1_100_000)}"}`);
    const announced = await postFrame(grant, body);
    expect(announced.status).toBe(413);
    expect(announced.text).toContain('1048576');
    const chunked = await rawRequest(gateway.port, { path: '/mcp/tools', headers: [['Authorization', `Bearer ${grant.token}`], ['Content-Type', 'application/json'], ['Transfer-Encoding', 'chunked'], ['Host', `127.0.0.1:${gateway.port}`]], bare: true, body: `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` });
    expect(chunked.status).toBe(413);
    expect(gateway.records).toMatchObject([MALFORMED, MALFORMED]);
  });

  it.each([
    ['a compressed body', { 'content-encoding': 'gzip' }, 415],
    ['a body that is not JSON by its own word', { 'content-type': 'text/plain' }, 415],
  ] as const)('with %s', async (_what, headers, status) => {
    expect((await postFrame(grant, callFrame('echo'), headers)).status).toBe(status);
    expect(gateway.records).toMatchObject([MALFORMED]);
  });

  it.each([
    ['Mcp-Name that is not the body’s name', { 'mcp-name': 'other' }],
    ['Mcp-Name in base64 of another name', { 'mcp-name': `=?base64?${Buffer.from('other').toString('base64')}?=` }],
    ['Mcp-Method that is not the body’s method', { 'mcp-method': 'ping' }],
  ])('of the modern era with %s', async (_what, headers) => {
    const modern = modernFrame('tools/call', { name: 'echo' });
    const answer = await postFrame(grant, modern.body, { ...modern.headers, ...headers });
    expect(answer).toMatchObject({ status: 400, message: { error: { code: -32020 } } });
    expect(gateway.records).toMatchObject([{ ...MALFORMED, method: 'tools/call', tool: 'echo' }]);
  });

  it.each([
    ['Mcp-Name', [['Mcp-Name', 'echo'], ['Mcp-Name', 'other']], 400],
    ['Authorization', [['Authorization', 'Bearer sp_agt_x']], 401],
    ['Host', [['Host', 'evil.example']], 400],
  ] as const)('with a second %s header', async (_what, extra, status) => {
    const answer = await rawRequest(gateway.port, { path: '/mcp/tools', headers: [['Authorization', `Bearer ${grant.token}`], ['Content-Type', 'application/json'], ...extra], body: callFrame('echo') });
    expect(answer.status).toBe(status);
    expect(gateway.records).toEqual([]);
  });

  it('with both a length and a chunked coding', async () => {
    const head = `POST /mcp/tools HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${grant.token}\r\nContent-Type: application/json\r\n`;
    const answer = await sendBytes(gateway.port, `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`);
    expect(answer.status).toBe(400);
  });

  it.each([
    ['a Host that is not ours', { host: 'evil.example' }],
    ['an Origin that is not ours', { origin: 'https://evil.example' }],
    ['an opaque Origin', { origin: 'null' }],
  ])('with %s', async (_what, headers) => {
    const entries = Object.entries({ host: `127.0.0.1:${gateway.port}`, authorization: `Bearer ${grant.token}`, 'content-type': 'application/json', 'content-length': String(callFrame('echo').length), ...headers });
    const answer = await rawRequest(gateway.port, { path: '/mcp/tools', bare: true, headers: entries, body: callFrame('echo') });
    expect(answer.status).toBe(403);
    expect(gateway.records).toEqual([]);
  });

  it('for a method nobody knows', async () => {
    const answer = await postFrame(grant, '{"jsonrpc":"2.0","id":1,"method":"tools/destroy"}');
    expect(answer).toMatchObject({ status: 200, message: { id: 1, error: { code: -32601 } } });
    expect(gateway.records).toMatchObject([{ ...MALFORMED, method: 'tools/destroy', tool: null }]);
  });
});

describe('a request without a usable credential', () => {
  let gateway: TestGateway;
  let grant: TestGrant;
  let upstream: ScriptedUpstream;

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start(legacyServer(false));
    gateway = await TestGateway.start();
    grant = await gateway.grantFor({ url: upstream.url });
  });

  afterEach(async () => {
    expect(upstream.seen).toEqual([]);
    expect(gateway.records).toEqual([]);
    expect(gateway.logged.join()).not.toContain(grant.token);
    await gateway.stop();
    await upstream.stop();
  });

  it.each([
    ['none', null],
    ['another scheme', 'Basic YTpi'],
    ['no token of ours', 'Bearer hello'],
    ['a token nobody issued', 'Bearer sp_agt_0000000000000000000000000000000000000000_2qK9wQ'],
  ])('is challenged: %s', async (_what, authorization) => {
    const answer = await postFrame(grant, callFrame('echo'), { authorization });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(answer.message).toMatchObject({ error: {} });
    expect(await gateway.metrics.metrics()).toMatch(/sallyport_auth_failures_total\{reason="(missing|malformed|unknown)"\} 1/);
  });

  it('is challenged at its expiry, at its revocation, and when its identity is disabled', async () => {
    gateway.clock.advance(86_400_000);
    gateway.feed.beat();
    expect((await postFrame(grant, callFrame('echo'))).status).toBe(401);
    const second = await grant.organisation.grant(grant);
    await grant.organisation.revoke(second.grantId);
    expect((await postFrame({ ...grant, token: second.token }, callFrame('echo'))).status).toBe(401);
    const third = await grant.organisation.grant(grant);
    await grant.organisation.append({ kind: 'identity', id: grant.identityId }, { type: 'identity.disabled', version: 1, data: { identityId: grant.identityId } });
    expect((await postFrame({ ...grant, token: third.token }, callFrame('echo'))).status).toBe(401);
  });

  it('cannot tell another’s server from one that is not there', async () => {
    const other = await gateway.grantFor({ organisation: 'other', slug: 'theirs', url: upstream.url });
    const theirs = await postFrame({ url: other.url, token: grant.token }, callFrame('echo'));
    const nobodys = await postFrame({ url: gateway.urlOf('nobody'), token: grant.token }, callFrame('echo'));
    expect([theirs.status, theirs.text]).toEqual([404, nobodys.text]);
    expect(nobodys.status).toBe(404);
  });
});
