import { rawRequest, type RawResponse } from '@sallyport/test-support';
import { assert, array, asyncProperty, constantFrom, integer, letrec, tuple } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { PermissiveGateway, type GatewayRoute } from './gateway-route.js';
import { RecordingUpstream } from './recording-upstream.js';

let upstream: RecordingUpstream;
let gateway: PermissiveGateway;
let route: GatewayRoute;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  gateway = await PermissiveGateway.start();
  route = await gateway.route(upstream.url);
});

afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const MODERN = [
  ['MCP-Protocol-Version', '2026-07-28'],
  ['Mcp-Method', 'tools/call'],
  ['Mcp-Name', 'echo'],
] as const;

/** Sends a body as it is and answers what came back as it was. */
function send(body: string, headers: readonly (readonly [string, string])[] = []): Promise<RawResponse> {
  const { port, pathname } = new URL(route.url);
  const own = [['Content-Type', 'application/json'], ['Accept', 'application/json, text/event-stream'], ['Authorization', `Bearer ${route.token}`]] as const;
  return rawRequest(Number(port), { path: pathname, headers: [...own, ...headers], body: Buffer.from(body) });
}

/** The same, answered with one JSON body; the upstream's copy of the request. */
async function reached(body: string, headers?: readonly (readonly [string, string])[]): Promise<string | undefined> {
  const before = upstream.bodies.length;
  await send(body, headers);
  expect(upstream.bodies.length).toBe(before + 1);
  return upstream.bodies.at(-1)?.toString();
}

function replies(contentType: string, ...chunks: readonly (string | Buffer)[]): void {
  upstream.answer = { contentType, chunks: chunks.map((chunk) => Buffer.from(chunk)) };
}

const call = (args: string, more = ''): string => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":${args}${more}}}`;
const result = (content: string): string => `{"jsonrpc":"2.0","id":1,"result":${content}}`;
const META = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"acme.test/trace":{"n":1.0}}';

describe('what a client sends', () => {
  beforeAll(() => replies('application/json', result('{"content":[]}')));

  it.each([
    ['odd white space', '\t{ "jsonrpc" :\r\n"2.0" ,"id": 1,"method"\n:"tools/call", "params":{"name" :"echo"  ,"arguments":{ }\t} }\r\n '],
    ['members in an odd order', '{"params":{"arguments":{},"name":"echo"},"method":"tools/call","id":1,"jsonrpc":"2.0"}'],
    ['integers beyond 2^53', call('{"n":9007199254740993,"m":-123456789012345678901234567890}')],
    ['numbers written oddly', call('[1.0,-0,-0.0,1E5,1e-7,0.10,10000000000000000000000.0]'.replace(/^.*$/, '{"n":$&}'))],
    ['fields that nobody knows', `{"jsonrpc":"2.0","id":1,"x-vendor":{"a":null},${call('{}', ',"task":{"ttl":60000},"x":[{}]').slice(24)}`],
    ['vendors’ keys in _meta', call('{}', ',"_meta":{"progressToken":9007199254740993,"acme.test/trace":{"a":1.0},"":""}')],
    ['letters beyond ASCII, raw and escaped', call('{"é":"名前 🛰️ \u200f","\\u0061\\u00e9":"\\ud83d\\ude00 \\/ \\u2028"}')],
    ['an id that is a large integer', call('{}').replace('"id":1', '"id":9007199254740993')],
    ['an id that is an escaped text', call('{}').replace('"id":1', '"id":"caf\\u00e9 \\/"')],
    ['a request that follows the default', '{ "jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"test://名前","x":1.0}}'],
    ['a notification', '{ "jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1.0,"progress":0.10,"x":null}}'],
    ['a response to the server', '{ "jsonrpc":"2.0","id":"ask-\\u0031","result":{"action":"accept","content":{"n":9007199254740993}}}'],
  ])('[gateway/bytes-forwarded] reaches the upstream byte by byte: %s', async (_what, body) => {
    expect(await reached(body)).toBe(body);
  });

  it('[gateway/bytes-forwarded] reaches a server of 2026-07-28 byte by byte', async () => {
    const body = ` ${call('{"n":9007199254740993,"m":-0}', `, ${META}`)}\n`;
    expect(await reached(body, MODERN)).toBe(body);
  });

  it('[gateway/bytes-forwarded] is forwarded to the last byte where it is large', async () => {
    const body = call(`{"rows":[${Array.from({ length: 9_000 }, (_, row) => `"${row}: ${'é'.repeat(40)}"`).join(' ,')}]}`);
    expect(Buffer.byteLength(body)).toBeGreaterThan(700_000);
    expect(await reached(body)).toBe(body);
  });
});

describe('what an upstream answers', () => {
  const ODD = '{ "content" :[{"type":"text","text":"名前 \\u00e9 \\/"},{"type":"x-unknown","n":1.0}],"structuredContent":{"n":9007199254740993,"z":-0,"e":1E5},"isError":false,"x":null}';

  it.each([
    ['a result', `\n${result(ODD)} `],
    ['a tool’s own error', result('{"content":[],"isError":true,"_meta":{"acme.test/x":1.0}}')],
    ['an error', '{"jsonrpc":"2.0" ,"id":1,"error":{"code":-32042,"message":"名前","data":{"n":9007199254740993,"x":[ ]}}}'],
    ['eight megabytes', result(`{"content":[{"type":"image","mimeType":"image/png","data":"${'QUJD'.repeat(2_000_000)}"}]}`)],
  ])('[gateway/bytes-forwarded] comes back byte by byte as a body: %s', async (_what, body) => {
    replies('application/json; charset=utf-8', body);
    const response = await send(call('{}'));
    expect([response.status, response.headers['content-type']]).toEqual([200, 'application/json']);
    expect(response.body === body).toBe(true);
  });

  const PROGRESS = '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":9007199254740993,"progress":0.10,"x":{"é":1.0}}}';
  const QUESTION = '{"jsonrpc":"2.0","id":"ask-1","method":"elicitation/create","params":{"message":"?","requestedSchema":{"type":"object","x":-0}}}';
  it.each([
    ['events with names, ids and a delay', `id: 1\nretry: 250\ndata: \n\nevent: message\nid: 2\ndata: ${PROGRESS}\n\nid: 3\ndata: ${result(ODD)}\n\n`],
    ['lines that end as on other systems', `event: message\r\ndata:${PROGRESS}\r\n\r\ndata: ${QUESTION}\r\n\r\ndata: ${result(ODD)}\r\n\r\n`],
    ['a message over several lines', `data: {"jsonrpc":"2.0",\ndata: "id":1,\ndata: "result":${ODD}}\n\n`],
    ['comments between events', `: hello\n\ndata: ${PROGRESS}\n: still there\n\n: bye\n\ndata: ${result(ODD)}\n\n`],
  ])('[gateway/bytes-forwarded] comes back byte by byte as a stream: %s', async (_what, stream) => {
    replies('text/event-stream', stream);
    const response = await send(call('{}', ',"_meta":{"progressToken":9007199254740993}'));
    expect(response.headers['content-type']).toBe('text/event-stream');
    expect(response.body).toBe(stream);
  });

  it('[gateway/bytes-forwarded] comes back as it was cut into single bytes, letters among them', async () => {
    const stream = `data: ${PROGRESS}\r\n\r\ndata: ${result('{"content":[{"type":"text","text":"🛰️ é"}]}')}\r\n\r\n`;
    replies('text/event-stream', ...Array.from(Buffer.from(stream), (byte) => Buffer.of(byte)));
    expect((await send(call('{}'))).body).toBe(stream);
  });
});

/** JSON texts as no serialiser would write them: odd numbers, escapes and white space, at most a few levels deep. */
const oddJson = letrec<{ value: string; object: string }>((tie) => {
  const space = constantFrom('', ' ', '\n', '\t\r\n ');
  const number = constantFrom('0', '-0', '1.0', '1e5', '1E-7', '9007199254740993', '-9007199254740993.0', '0.1', '123456789012345678901234567890');
  const text = constantFrom('""', '"é"', '"\\u00e9"', '"名前"', '"🛰️"', '"\\ud83d\\ude00"', '"\\/\\n\\t"', '"{\\"method\\":\\"ping\\"}"');
  const list = tuple(space, array(tie('value'), { maxLength: 3 })).map(([gap, values]) => `[${gap}${values.join(`${gap},`)}${gap}]`);
  const object = tuple(space, array(tie('value'), { maxLength: 3 })).map(
    ([gap, values]) => `{${gap}${values.map((value, at) => `"k\\u00e9${at}"${gap}:${gap}${value}`).join(`,${gap}`)}${gap}}`,
  );
  return { value: integer({ min: 0, max: 5 }).chain((kind) => ([number, text, constantFrom('null', 'true', 'false'), number, list, object] as const)[kind] ?? number), object };
});

describe('whatever is said', () => {
  it('[gateway/bytes-forwarded] arrives as it was sent, both ways, in whatever pieces', async () => {
    const said = tuple(oddJson.object, oddJson.object, integer({ min: 1, max: 60 }));
    const property = asyncProperty(said, async ([args, content, size]) => {
      const [body, answer] = [call(args), Buffer.from(result(`{"content":[],"structuredContent":${content}}`))];
      const pieces = Array.from({ length: Math.ceil(answer.length / size) }, (_, at) => answer.subarray(at * size, (at + 1) * size));
      replies('application/json', ...pieces);
      const response = await send(body);
      expect([upstream.bodies.at(-1)?.toString(), response.body]).toEqual([body, answer.toString()]);
    });
    await assert(property, { seed: 20_261_121, numRuns: 150 });
  });
});
