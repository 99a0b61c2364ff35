import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import { hostileUpstream, rawRequest, sendBytes, type HostileUpstream } from '@sallyport/test-support';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { ask } from '../e2e/world/ask.js';
import { call, callOf, post, shownIn, verdictOf } from '../e2e/world/post.js';
import { World, type Access } from '../e2e/world/world.js';

const MIB = 2 ** 20;
const ROUNDS = 20;
/** What a deployment may have grown by after everything that is thrown at it here: buffers that are still to be collected, no more. */
const GROWTH_BYTES = 300 * MIB;

let world: World;
let upstream: HostileUpstream;
let access: Access;
let quietBytes: number;
const refused: string[] = [];

const residentBytes = (): number => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${world.process.pid}/status`, 'utf8'))?.[1]) * 1024;
const withArguments = (text: string): string => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"do_it","arguments":${text}}}`;
const withParams = (text: string): string => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${text}}`;
const keys = (count: number): string => `{${Array.from({ length: count }, (_, index) => `"${index.toString(36)}":0`).join()}}`;

beforeAll(async () => {
  upstream = await hostileUpstream('honest');
  world = await World.start();
  access = await world.open({ slug: 'tools', url: upstream.url, policy: { version: '1', default: 'deny', tools: { do_it: {} } } });
  for (let made = 0; made < 50; made += 1) await call(access, 'do_it', { warm: made });
  quietBytes = residentBytes();
});
afterEach(async () => {
  upstream.turn('honest');
  expect(await world.readiness()).toBe(200);
  expect(verdictOf(await call(access, 'do_it'))).toBe('allowed');
});
afterAll(async () => {
  await world.end();
  await upstream.close();
});

describe('what no two parsers read alike is refused, recorded, never sent on, and costs little, however often [gateway/no-smuggling]', () => {
  const BODIES: readonly (readonly [string, string | Uint8Array, number])[] = [
    ['1 a mebibyte of [', '['.repeat(MIB), 400],
    ['1 a mebibyte of {"a":', '{"a":'.repeat(MIB / 5), 400],
    ['2 200,000 keys', withArguments(keys(200_000)), 413],
    ['2 100,000 keys within the size', withArguments(keys(100_000)), 413],
    ['3 two names, the harmless one first', withParams('{"name":"do_it","name":"other","arguments":{}}'), 400],
    ['3 two names, the harmless one last', withParams('{"name":"other","name":"do_it","arguments":{}}'), 400],
    ['4 a case twin of method', '{"jsonrpc":"2.0","id":1,"method":"tools/list","Method":"tools/call","params":{"name":"do_it"}}', 400],
    ['5 1e400', withArguments('{"amount":1e400}'), 400],
    ['6 __proto__', withArguments('{"__proto__":{"admin":true}}'), 400],
    ['7 a lone surrogate', withArguments('{"a":"\\ud800"}'), 400],
    ['7 NUL inside a string', withArguments('{"a":"\u0000"}'), 400],
    ['7 invalid UTF-8', Buffer.concat([Buffer.from(withArguments('{"a":"').slice(0, -2)), Buffer.from([0xc3, 0x28]), Buffer.from('"}}}')]), 400],
    ['7 a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(callOf('do_it'))]), 400],
  ];

  it.each(BODIES)('%s', async (_what, body, status) => {
    const reached = upstream.calls().length;
    for (let round = 0; round < ROUNDS; round += 1) {
      const answer = await post(access, body);
      expect(answer.status).toBe(status);
      expect(answer.error).toBeDefined();
      refused.push(String(answer.status));
    }
    expect(upstream.calls().length).toBe(reached);
  });

  it('5 an integer beyond 2^53 goes through to the last digit', async () => {
    expect(verdictOf(await post(access, withArguments('{"amount":9007199254740993,"rate":0.1000000000000000055,"zero":-0}')))).toBe('allowed');
    expect(upstream.calls().at(-1)?.text).toContain('{"amount":9007199254740993,"rate":0.1000000000000000055,"zero":-0}');
  });

  it('6 constructor and prototype inside arguments are data, and change nothing', async () => {
    const body = withArguments('{"constructor":{"prototype":{"admin":true}}}');
    const answer = await post(access, body);
    expect(['allowed', '400']).toContain(verdictOf(answer));
    if (answer.status === 400) refused.push('400');
    else expect(upstream.calls().at(-1)?.text).toBe(body);
  });

  it('8 a gzip bomb as a request', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * MIB, '['));
    for (let round = 0; round < ROUNDS; round += 1) {
      expect((await post(access, bomb, { 'content-encoding': 'gzip' })).status).toBe(415);
      refused.push('415');
    }
  });

  it('9 a mirrored header that is not what the body says, and one that comes twice', async () => {
    const modern = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'do_it', arguments: {}, _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} } } });
    const base = [['Authorization', `Bearer ${access.token}`], ['Content-Type', 'application/json'], ['MCP-Protocol-Version', '2026-07-28'], ['Mcp-Method', 'tools/call']] as const;
    const reached = upstream.calls().length;
    for (const name of ['other', `=?base64?${Buffer.from('other').toString('base64')}?=`]) {
      expect((await rawRequest(world.port, { path: '/mcp/tools', headers: [...base, ['Mcp-Name', name]], body: modern })).status).toBe(400);
    }
    expect((await rawRequest(world.port, { path: '/mcp/tools', headers: [...base, ['Mcp-Name', 'do_it'], ['Mcp-Name', 'other']], body: modern })).status).toBe(400);
    expect(upstream.calls().length).toBe(reached);
  });

  it('10 two credentials, two hosts, two lengths, and every other way to smuggle', async () => {
    const body = callOf('do_it');
    const token = ['Authorization', `Bearer ${access.token}`] as const;
    const type = ['Content-Type', 'application/json'] as const;
    const reached = upstream.calls().length;
    expect((await rawRequest(world.port, { path: '/mcp/tools', headers: [token, ['Authorization', 'Bearer other'], type], body })).status).toBe(401);
    expect((await rawRequest(world.port, { path: '/mcp/tools', headers: [['Authorization', 'Bearer other'], token, type], body })).status).toBe(401);
    expect((await rawRequest(world.port, { path: '/mcp/tools', headers: [token, ['Host', 'elsewhere'], type], body })).status).toBe(400);
    const head = (lines: string): string => `POST /mcp/tools HTTP/1.1\r\nHost: 127.0.0.1:${world.port}\r\n${token[0]}: ${token[1]}\r\nContent-Type: application/json\r\n${lines}\r\n`;
    for (const lines of [
      `Content-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n`,
      `Content-Length: ${body.length}\r\nContent-Length: 5\r\n`,
      `Content-Length : ${body.length}\r\n`,
      `X-Folded: a\r\n b\r\nContent-Length: ${body.length}\r\n`,
      `X-Nul: a\u0000b\r\nContent-Length: ${body.length}\r\n`,
      `Transfer-Encoding: xchunked\r\n`,
    ]) {
      expect([lines, (await sendBytes(world.port, `${head(lines)}${body}`)).status]).toEqual([lines, 400]);
    }
    expect(upstream.calls().length).toBe(reached);
  });

  it('left one record for each that came with a good token, with no tool and nothing of what was sent', async () => {
    const found = await world.decisions({ grant: access.grantId, reason: 'request_malformed' }, (decisions) => decisions.length === 100);
    expect(refused.length).toBeGreaterThan(ROUNDS * BODIES.length);
    expect(found.every(({ tool, outcome, argumentKeys }) => (tool === null || tool === 'do_it') && outcome === 'denied' && argumentKeys.length <= 1)).toBe(true);
    const metrics = await (await fetch(new URL('/metrics', world.url))).text();
    expect(Number(/^sallyport_calls_total\{outcome="denied"\} (\d+)/m.exec(metrics)?.[1])).toBeGreaterThanOrEqual(refused.length);
  });
});

describe('a server behind the gateway that turns hostile costs its own calls and nothing else', () => {
  it.each([
    ['8 a gzip bomb', 'gzip-bomb'],
    ['16 an answer with another id', 'wrong-id'],
    ['16 the answer to somebody else\'s call', 'foreign-response'],
    ['16 a batch', 'batch'],
    ['17 a reset in the middle', 'reset-mid-result'],
    ['17 half an answer', 'not-json'],
    ['18 a redirect to the metadata address', 'redirect'],
  ] as const)('%s', async (_what, mode) => {
    upstream.turn(mode);
    for (let round = 0; round < 5; round += 1) {
      const answer = await call(access, 'do_it', { mode });
      expect(verdictOf(answer)).toMatch(/^(error 1502|502)$/);
      expect(answer.text).not.toMatch(/169\.254|meant for someone else|ECONN/);
    }
    const found = await world.decisions({ grant: access.grantId, outcome: ['error'] }, (decisions) => decisions.length >= 5);
    expect(found[0]).toMatchObject({ outcome: 'error', tool: 'do_it' });
  });

  it('16 two answers: the first is the answer', async () => {
    upstream.turn('two-responses');
    const answer = await call(access, 'do_it');
    expect(answer.text).toContain('first');
    expect(answer.text).not.toContain('second');
  });

  it('17 one that never answers holds nobody else up', async () => {
    upstream.turn('hang-after-headers');
    const stop = new AbortController();
    const hanging = fetch(access.url, { method: 'POST', signal: stop.signal, headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${access.token}` }, body: callOf('do_it') }).catch(() => 'left');
    const reached = upstream.calls().length;
    while (upstream.calls().length === reached) await ask({ url: world.url, token: world.adminToken }, '{ ping }');
    upstream.turn('honest');
    expect(verdictOf(await call(access, 'do_it'))).toBe('allowed');
    stop.abort();
    expect(await hanging).toBe('left');
  });

  it('19 fifty megabytes are streamed through, not held', async () => {
    upstream.turn('huge-result');
    for (let round = 0; round < 3; round += 1) expect((await call(access, 'do_it')).text.length).toBeGreaterThan(50_000_000);
  });
});

describe('a server that is registered with a hostile list', () => {
  const hostile: HostileUpstream[] = [];
  afterAll(async () => {
    for (const one of hostile) await one.close();
  });
  const add = async (slug: string, mode: Parameters<typeof hostileUpstream>[0]) => {
    const one = await hostileUpstream(mode);
    hostile.push(one);
    return world.cli(['server', 'add', slug, '--url', one.url, '--json']);
  };
  const toolsOf = async (slug: string) => JSON.parse((await world.cli(['server', 'tools', slug, '--json'])).stdout) as { items: { name: string }[]; rejected: { name: string; reason: string }[] };

  it('13 names with look-alikes, bidirectional marks or ten thousand characters are left out, each with a reason', async () => {
    expect((await add('odd', 'odd-names')).code).toBe(0);
    const { items, rejected } = await toolsOf('odd');
    expect(items.map(({ name }) => name)).toEqual(['do_it']);
    expect(rejected.length).toBeGreaterThanOrEqual(4);
    expect(rejected.every(({ reason }) => reason.length > 0)).toBe(true);
    const odd = await world.grant('odd', access.policy);
    expect(await (await world.client(odd)).toolNames()).toEqual(['do_it']);
    for (const name of ['dо_it', 'do\u202eti', 'x'.repeat(10_000)]) expect(verdictOf(await call(odd, name))).toBe('default_deny');
  });

  it.each([
    ['an endless cursor', 'endless', 'endless-cursor'],
    ['a cursor that comes back', 'repeated', 'repeated-cursor'],
    ['ten thousand tools', 'ten-thousand', 'ten-thousand-tools'],
    ['a description of four megabytes', 'huge', 'huge-description'],
  ] as const)('%s ends: the server is refused, or what it may offer is bounded', async (_what, slug, mode) => {
    const { code, stderr } = await add(slug, mode);
    if (code !== 0) return expect((JSON.parse(stderr) as { error: { message: string } }).error.message).not.toBe('');
    const { items } = await toolsOf(slug);
    expect(items.length).toBeLessThanOrEqual(500);
    expect(items.map(({ name }) => name)).not.toContain('huge');
  });
});

describe('an admin API that is asked the impossible', () => {
  it('29 refuses depth, aliases, batches and reads by address, and goes on', async () => {
    const at = { url: world.url, token: world.adminToken };
    const wide = `{ ${Array.from({ length: 5_000 }, (_, index) => `a${index}: ping`).join(' ')} }`;
    const deep = `{ __schema { types ${'{ fields { type '.repeat(25)}{ name } ${'} }'.repeat(25)} } }`;
    for (const query of [wide, deep]) expect((await ask(at, query)).errors.length).toBeGreaterThan(0);
    const batch = await fetch(new URL('/graphql', world.url), { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${at.token}` }, body: JSON.stringify(Array.from({ length: 100 }, () => ({ query: '{ ping }' }))) });
    expect(batch.status).toBe(400);
    expect((await fetch(new URL('/graphql?query={ping}', world.url), { headers: { authorization: `Bearer ${at.token}` } })).status).toBeGreaterThanOrEqual(400);
    const form = await fetch(new URL('/graphql', world.url), { method: 'POST', headers: { 'content-type': 'text/plain', authorization: `Bearer ${at.token}` }, body: '{"query":"{ping}"}' });
    expect(form.status).toBeGreaterThanOrEqual(400);
    expect((await ask(at, '{ ping }')).data).toEqual({ ping: true });
  });

  it('30 takes no policy of ten megabytes, and a pattern that would hang others answers at once', async () => {
    const at = { url: world.url, token: world.adminToken };
    const mutation = 'mutation ($input: PublishPolicyInput!) { publishPolicy(input: $input) { __typename ... on PolicyRejected { code } } }';
    const huge = JSON.stringify({ version: '1', default: 'deny', description: 'x'.repeat(10 * MIB) });
    const input = { name: 'huge', document: huge };
    const refusal = await ask(at, mutation, { input }).then(({ status }) => status, () => 'cut off'); // it hangs up on what it will not read
    expect([413, 'cut off']).toContain(refusal);
    const large = await ask(at, mutation, { input: { name: 'large', document: JSON.stringify({ version: '1', default: 'deny', description: 'x'.repeat(300 * 1024) }) } });
    expect(large.data).toMatchObject({ publishPolicy: { __typename: 'PolicyRejected' } });
    const slow = world.name('policy');
    await world.publish(slow, { version: '1', default: 'deny', tools: { do_it: { deny_if: [{ conditions: [{ path: 'args.text', op: 'regex', value: '(a|aa)+$' }], on_deny: 'Only a.' }] } } });
    const grant = await world.grant('tools', slow);
    for (let round = 0; round < 10; round += 1) {
      expect(shownIn(await call(grant, 'do_it', { text: 'a'.repeat(100_000) }))?.reasonCode).toBe('rule_denied');
      expect(verdictOf(await call(grant, 'do_it', { text: `${'a'.repeat(100_000)}!` }))).toBe('allowed');
    }
  });
});

describe('after all of it', () => {
  it('the process is the one that was started, and has not grown without bound', () => {
    expect(world.process.isRunning).toBe(true);
    expect(residentBytes() - quietBytes).toBeLessThan(GROWTH_BYTES);
  });
});
