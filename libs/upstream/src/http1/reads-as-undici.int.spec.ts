import { createServer, type AddressInfo, type Server } from 'node:net';

import fc from 'fast-check';
import { Client } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { AnswerParser } from './answer-parser.js';

interface Read {
  readonly status: number;
  readonly body: string;
}

/** Answers every connection with `reply`, then ends it. */
let reply: Buffer = Buffer.alloc(0);
let server: Server;
beforeAll(async () => {
  server = createServer((socket) => {
    socket.once('data', () => socket.end(reply)).on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function undiciReads(bytes: Buffer): Promise<Read | undefined> {
  reply = bytes;
  const client = new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { pipelining: 1 });
  try {
    const { statusCode, body } = await client.request({ method: 'POST', path: '/', body: '{}' });
    return { status: statusCode, body: Buffer.from(await body.arrayBuffer()).toString('latin1') };
  } catch {
    return undefined;
  } finally {
    await client.destroy();
  }
}

function weRead(bytes: Buffer): Read | undefined {
  const parser = new AnswerParser();
  let status = 0;
  let body = '';
  parser.expect({ onHead: (head) => void (status = head.status), onBody: (part) => (body += part.toString('latin1')) !== '' });
  parser.push(bytes);
  return parser.end() === 'done' ? { status, body } : undefined;
}

const ANSWERS = [
  'HTTP/1.1 200 OK\r\nContent-Length: 12\r\nContent-Type: text/a\r\n\r\nhello, world',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n5;a=b\r\nhello\r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\n',
  'HTTP/1.1 200 OK\r\nConnection: close\r\nX: y\r\n\r\nuntil the end',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc',
];
const PIECES = ['\r', '\n', '\r\n', ' ', '\t', ':', ',', ';', '0', '1', '9', 'a', '\0', '\x7f', '\x80', '-', '+', 'chunked', 'Content-Length: 1\r\n', 'Transfer-Encoding: chunked\r\n', '0\r\n\r\n'];

const change = fc.record({ at: fc.nat(9_999), remove: fc.nat(3), insert: fc.constantFrom('', ...PIECES) });
const changed = fc.tuple(fc.constantFrom(...ANSWERS), fc.array(change, { minLength: 1, maxLength: 3 })).map(([text, changes]) =>
  changes.reduce((before, { at, remove, insert }) => {
    const place = at % before.length;
    return before.slice(0, place) + insert + before.slice(place + remove);
  }, text),
);

describe('what is read as an answer', () => {
  it.each(ANSWERS)('undici reads just so: %j', async (text) => {
    const bytes = Buffer.from(text, 'latin1');
    expect(weRead(bytes)).toBeDefined();
    expect(weRead(bytes)).toEqual(await undiciReads(bytes));
  });

  it('however it is damaged, undici reads the same or refuses: no byte is taken for another answer’s', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(changed, async (text) => {
        const bytes = Buffer.from(text, 'latin1');
        const ours = weRead(bytes);
        if (ours === undefined) return;
        accepted += 1;
        const theirs = await undiciReads(bytes);
        if (theirs !== undefined) expect(ours).toEqual(theirs);
      }),
      { numRuns: 1_500 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});
