import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { AnswerHead } from './answer-head.js';
import { AnswerParser, HEAD_BYTES, type ParserState } from './answer-parser.js';

interface Told {
  readonly heads: readonly AnswerHead[];
  readonly body: string;
  readonly state: ParserState;
  readonly hasSurplus: boolean;
}

/** Reads chunks as they come; `wants` is asked after each part of the body, and what it did not want is gone on with at once. */
function tell(chunks: readonly Buffer[], wants: () => boolean = () => true): Told {
  const heads: AnswerHead[] = [];
  const parts: Buffer[] = [];
  const parser = new AnswerParser();
  parser.expect({ onHead: (head) => heads.push(head), onBody: (part) => parts.push(part) > 0 && wants() });
  let state: ParserState = 'reading';
  for (const chunk of chunks) {
    state = parser.push(chunk);
    while (state === 'paused') state = parser.push(Buffer.alloc(0));
  }
  return { heads, body: Buffer.concat(parts).toString('latin1'), state, hasSurplus: parser.hasSurplus };
}

const told = (text: string): Told => tell([Buffer.from(text, 'latin1')]);
const answer = (fields: string, body = '', line = 'HTTP/1.1 200 OK'): string => `${line}\r\n${fields}\r\n${body}`;

describe('an answer', () => {
  it.each([
    ['of a counted length', answer('Content-Length: 5\r\n', 'hello'), 200, 'hello'],
    ['of no length', answer('content-length: 0\r\n'), 200, ''],
    ['without a reason', answer('content-length: 0\r\n', '', 'HTTP/1.1 404'), 404, ''],
    ['with an empty reason', answer('content-length: 0\r\n', '', 'HTTP/1.1 404 '), 404, ''],
    ['in chunks', answer('Transfer-Encoding: Chunked\r\n', '3\r\nabc\r\n0A;x="y"\r\n0123456789\r\n0\r\n\r\n'), 200, 'abc0123456789'],
    ['with trailers', answer('transfer-encoding: chunked\r\n', '1\r\na\r\n0\r\nDigest: x\r\nOther: \r\n\r\n'), 200, 'a'],
    ['whose chunk ends in CR', answer('transfer-encoding: chunked\r\n', '2\r\na\r\r\n0\r\n\r\n'), 200, 'a\r'],
    ['that has no body whatever it says', answer('content-length: 5\r\n', '', 'HTTP/1.1 204 No Content'), 204, ''],
    ['after informational ones', `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${answer('content-length: 1\r\n', 'a')}`, 200, 'a'],
  ])('%s is read whole', (_, text, status, body) => {
    const read = told(text);
    expect(read).toMatchObject({ state: 'done', body, hasSurplus: false });
    expect(read.heads.map((head) => head.status)).toEqual([status]);
  });

  it('keeps its fields as they were sent, without the space around values', () => {
    const [head] = told(answer('X-Odd:\t a \tb  \r\nempty:\r\nx-latin: caf\xe9\r\ncontent-length: 0\r\n')).heads;
    expect(head?.rawHeaders).toEqual(['X-Odd', 'a \tb', 'empty', '', 'x-latin', 'caf\xe9', 'content-length', '0']);
  });

  it('that says neither length nor coding ends with its connection', () => {
    const parser = new AnswerParser();
    const parts: string[] = [];
    parser.expect({ onHead: ({ keepsOpen }) => parts.push(`keeps open: ${keepsOpen}`), onBody: (part) => parts.push(part.toString()) > 0 });
    expect(parser.push(Buffer.from(answer('', 'some')))).toBe('reading');
    expect(parser.push(Buffer.from('thing'))).toBe('reading');
    expect(parser.end()).toBe('done');
    expect(parts).toEqual(['keeps open: false', 'some', 'thing']);
  });

  it.each([
    ['nothing', ''],
    ['half a head', 'HTTP/1.1 200 OK\r\ncontent-'],
    ['half a body', answer('content-length: 2\r\n', 'a')],
    ['half a chunk', answer('transfer-encoding: chunked\r\n', '2\r\na')],
    ['no last chunk', answer('transfer-encoding: chunked\r\n', '1\r\na\r\n')],
    ['no end of the trailers', answer('transfer-encoding: chunked\r\n', '0\r\na: b\r\n')],
    ['an informational answer alone', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ])('is not whole when the connection ends after %s', (_, text) => {
    const parser = new AnswerParser();
    expect(parser.push(Buffer.from(text))).toBe('reading');
    expect(parser.end()).toBe('malformed');
  });

  it.each([
    ['another protocol', 'HTTP/2 200 OK\r\n\r\n'],
    ['another version', 'HTTP/1.2 200 OK\r\n\r\n'],
    ['no protocol', 'ICY 200 OK\r\n\r\n'],
    ['a protocol in small letters', 'http/1.1 200 OK\r\n\r\n'],
    ['something before it', '\r\nHTTP/1.1 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['a control character in its reason', 'HTTP/1.1 200 O\0K\r\n\r\n'],
    ['a change of protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['lines that end in LF', 'HTTP/1.1 200 OK\ncontent-length: 0\r\n\r\n'],
    ['a field that ends in LF', answer('a: b\ncontent-length: 0\r\n')],
    ['a field that ends in CR', answer('a: b\rcontent-length: 0\r\n')],
    ['a folded field', answer('a: b\r\n c\r\ncontent-length: 0\r\n')],
    ['a tab behind a value', answer('transfer-encoding: chunked\t\r\n', '0\r\n\r\n')],
    ['a field without a name', answer(': b\r\ncontent-length: 0\r\n')],
    ['a field without a colon', answer('a b\r\ncontent-length: 0\r\n')],
    ['space before a colon', answer('content-length : 0\r\n')],
    ['a control character in a value', answer('a: \x01\r\ncontent-length: 0\r\n')],
    ['two lengths', answer('content-length: 1\r\ncontent-length: 2\r\n', 'ab')],
    ['the same length twice', answer('content-length: 1\r\nContent-Length: 1\r\n', 'a')],
    ['a list of lengths', answer('content-length: 1, 1\r\n', 'a')],
    ['a signed length', answer('content-length: +1\r\n', 'a')],
    ['an empty length', answer('content-length:\r\n')],
    ['a length beyond counting', answer(`content-length: ${'9'.repeat(20)}\r\n`)],
    ['length and coding', answer('content-length: 3\r\ntransfer-encoding: chunked\r\n', '0\r\n\r\n')],
    ['another coding', answer('transfer-encoding: gzip\r\n')],
    ['two codings', answer('transfer-encoding: gzip, chunked\r\n')],
    ['the coding twice', answer('transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n', '0\r\n\r\n')],
    ['a coding in HTTP/1.0', answer('transfer-encoding: chunked\r\n', '0\r\n\r\n', 'HTTP/1.0 200 OK')],
    ['a chunk without a size', answer('transfer-encoding: chunked\r\n', '\r\n')],
    ['a signed size', answer('transfer-encoding: chunked\r\n', '-1\r\n')],
    ['a size with a prefix', answer('transfer-encoding: chunked\r\n', '0x1\r\na\r\n')],
    ['space before a size', answer('transfer-encoding: chunked\r\n', ' 1\r\na\r\n')],
    ['a size that ends in LF', answer('transfer-encoding: chunked\r\n', '1\na\r\n0\r\n\r\n')],
    ['a size beyond counting', answer('transfer-encoding: chunked\r\n', `${'f'.repeat(13)}\r\n`)],
    ['a chunk longer than its size', answer('transfer-encoding: chunked\r\n', '1\r\nab\r\n0\r\n\r\n')],
    ['a chunk that ends in LF', answer('transfer-encoding: chunked\r\n', '2\r\na\r\n0\r\n\r\n')],
    ['a trailer that is no field', answer('transfer-encoding: chunked\r\n', '0\r\na b\r\n\r\n')],
  ])('with %s is none', (_, text) => {
    expect(told(text).state).toBe('malformed');
  });

  it.each([
    ['a head without end', `HTTP/1.1 200 OK\r\na: ${'b'.repeat(HEAD_BYTES)}`],
    ['informational answers without end', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(1_000)],
    ['a size line without end', answer('transfer-encoding: chunked\r\n', `1;${'x'.repeat(1_024)}`)],
    ['trailers without end', answer('transfer-encoding: chunked\r\n', `0\r\n${'a: b\r\n'.repeat(5_000)}`)],
  ])('with %s is given up', (_, text) => {
    expect(told(text).state).toBe('malformed');
  });

  it.each([0, 1, 2, 3, 4])('may have a head of just so many bytes, cut %i bytes before its end', (before) => {
    const line = 'HTTP/1.1 204 OK\r\na: ';
    const cut = (size: number): Buffer[] => {
      const bytes = Buffer.from(`${line}${'b'.repeat(size - line.length)}\r\n\r\n`);
      return [bytes.subarray(0, bytes.length - before), bytes.subarray(bytes.length - before)];
    };
    expect(tell(cut(HEAD_BYTES)).state).toBe('done');
    expect(tell(cut(HEAD_BYTES + 1)).state).toBe('malformed');
  });

  it('and a byte that belongs to none is surplus', () => {
    expect(told(answer('content-length: 1\r\n', 'ab'))).toMatchObject({ state: 'done', body: 'a', hasSurplus: true });
    expect(told(answer('transfer-encoding: chunked\r\n', '0\r\n\r\n0\r\n\r\n'))).toMatchObject({ state: 'done', body: '', hasSurplus: true });
  });

  it.each([
    ['says nothing', answer('content-length: 0\r\n'), true, undefined],
    ['says that it stays', answer('content-length: 0\r\nconnection: keep-alive\r\nkeep-alive: timeout=5, max=100\r\n'), true, 5_000],
    ['says how long after how often', answer('content-length: 0\r\nKeep-Alive: max=100, Timeout=7\r\n'), true, 7_000],
    ['says a time that is none', answer('content-length: 0\r\nkeep-alive: timeout=soon\r\n'), true, undefined],
    ['says that it closes', answer('content-length: 0\r\nConnection: Close\r\n'), false, undefined],
    ['says it among others', answer('content-length: 0\r\nconnection: x-other , close\r\n'), false, undefined],
    ['says it in a second field', answer('content-length: 0\r\nconnection: x-other\r\nconnection: close\r\n'), false, undefined],
    ['speaks HTTP/1.0', answer('content-length: 0\r\n', '', 'HTTP/1.0 200 OK'), false, undefined],
  ])('tells whether the connection is kept when it %s', (_, text, keepsOpen, idleMs) => {
    expect(told(text).heads).toMatchObject([{ keepsOpen, idleMs }]);
  });

  const piece = fc.string({ unit: fc.constantFrom('a', '\r', '\n', '0', ':', '\xff'), minLength: 1, maxLength: 20 });
  const whole = fc
    .record({ early: fc.nat(2), chunks: fc.option(fc.array(piece, { maxLength: 5 })), body: piece, trailer: fc.boolean() })
    .map(({ early, chunks, body, trailer }) => {
      const before = 'HTTP/1.1 103 Early Hints\r\na: b\r\n\r\n'.repeat(early);
      if (chunks === null) return { text: before + answer(`content-length: ${body.length}\r\n`, body), body };
      const coded = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
      return { text: before + answer('transfer-encoding: chunked\r\n', `${coded}0\r\n${trailer ? 'a: b\r\n' : ''}\r\n`), body: chunks.join('') };
    });

  it('says the same however its bytes are cut and whenever reading stops', () => {
    fc.assert(
      fc.property(whole, fc.array(fc.nat(200), { maxLength: 6 }), fc.infiniteStream(fc.boolean()), ({ text, body }, cuts, wanted) => {
        const bytes = Buffer.from(text, 'latin1');
        const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((one, other) => one - other), bytes.length];
        const chunks = edges.slice(1).map((end, n) => bytes.subarray(edges[n], end));
        const read = tell(chunks.filter((chunk) => chunk.length > 0), () => wanted.next().value);
        expect(read).toEqual({ ...told(text), body });
        expect(read).toMatchObject({ state: 'done', hasSurplus: false });
      }),
    );
  });
});
