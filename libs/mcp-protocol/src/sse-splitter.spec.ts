import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { sseEvent } from './sse-event.js';
import { type SseEvent, SseSplitter } from './sse-splitter.js';

function split(stream: Buffer, cuts: readonly number[] = []): { events: SseEvent[]; rest: Buffer } {
  const splitter = new SseSplitter(1_000_000);
  const events: SseEvent[] = [];
  let start = 0;
  for (const end of [...cuts, stream.length].sort((left, right) => left - right)) {
    const pushed = splitter.push(stream.subarray(start, end));
    if (pushed.ok) events.push(...pushed.value);
    start = end;
  }
  return { events, rest: splitter.rest() };
}

const shown = ({ event, data, id, retry }: SseEvent) => ({ event, data: data?.toString() ?? null, id, retry });
const first = (text: string) => split(Buffer.from(text)).events.map(shown)[0];

describe('SseSplitter', () => {
  it.each([
    ['a plain event', 'data: {"a":1}\n\n', { data: '{"a":1}' }],
    ['no space after the colon', 'data:x\n\n', { data: 'x' }],
    ['only the first space as separator', 'data:  x\n\n', { data: ' x' }],
    ['several data lines', 'data: a\ndata: b\ndata:\n\n', { data: 'a\nb\n' }],
    ['CRLF', 'event: e\r\ndata: x\r\n\r\n', { event: 'e', data: 'x' }],
    ['CR', 'event: e\rdata: x\r\r', { event: 'e', data: 'x' }],
    ['mixed line ends', 'event: e\r\ndata: x\n\r', { event: 'e', data: 'x' }],
    ['a byte order mark', '\ufeffdata: x\n\n', { data: 'x' }],
    ['id and retry', 'id: 7\nretry: 1500\ndata: x\n\n', { id: '7', retry: 1500, data: 'x' }],
    ['an empty id', 'id\ndata: x\n\n', { id: '', data: 'x' }],
    ['an id with a NUL, which does not count', 'id: a\0\ndata: x\n\n', { data: 'x' }],
    ['a retry that is no number', 'retry: 1s\ndata: x\n\n', { data: 'x' }],
    ['an unknown field', 'foo: bar\ndata: x\n\n', { data: 'x' }],
    ['a field in another case, which is unknown', 'Data: y\ndata: x\n\n', { data: 'x' }],
    ['a comment alone', ': ping\n\n', { data: null }],
    ['a priming event', 'id: 1\ndata:\n\n', { id: '1', data: '' }],
    ['blank lines before it', '\n\n\ndata: x\n\n', { data: 'x' }],
  ])('reads %s', (_, text, wanted) => {
    expect(first(text)).toEqual({ event: 'message', id: null, retry: null, ...wanted });
  });

  it('hands an event out at the byte that completes it', () => {
    const splitter = new SseSplitter(100);
    const sizes = [...'data: x\r\n\r\ndata: y'].map((unit) => splitter.push(Buffer.from(unit))).map((pushed) => (pushed.ok ? pushed.value.length : -1));
    expect(sizes.indexOf(1)).toBe(9);
    expect(splitter.rest().toString()).toBe('data: y');
  });

  const raw = (pushed: ReturnType<SseSplitter['push']>) => (pushed.ok ? pushed.value.map((event) => event.raw.toString()) : []);

  it('hands the whole of a CRLF out with the event it ends, because there are readers that wait for its LF', () => {
    expect(raw(new SseSplitter(100).push(Buffer.from('data: x\r\n\r\ndata: y\r\n\r\n')))).toEqual(['data: x\r\n\r\n', 'data: y\r\n\r\n']);
    const cut = new SseSplitter(100);
    expect([cut.push(Buffer.from('data: x\r\n\r')), cut.push(Buffer.from('\n')), cut.push(Buffer.from('\n'))].map(raw)).toEqual([['data: x\r\n\r'], ['\n'], []]);
    const old = new SseSplitter(100);
    expect([old.push(Buffer.from('data: x\r\rdata: y')), old.push(Buffer.from('\n\n'))].map(raw)).toEqual([['data: x\r\r'], ['data: y\n\n']]);
  });

  it('refuses an event over the bound, complete or not', () => {
    expect(new SseSplitter(16).push(Buffer.from('data: 0123456789\n\n'))).toEqual({ ok: false, refusal: 'too_large' });
    const splitter = new SseSplitter(16);
    expect(splitter.push(Buffer.from('data: 0123'))).toMatchObject({ ok: true });
    expect(splitter.push(Buffer.from('45678901'))).toEqual({ ok: false, refusal: 'too_large' });
    expect(new SseSplitter(16).push(Buffer.from('\n'.repeat(17)))).toEqual({ ok: false, refusal: 'too_large' });
    expect(new SseSplitter(16).push(Buffer.from('data: 1\n\n'.repeat(50)))).toMatchObject({ ok: true });
  });

  const line = fc.tuple(fc.constantFrom('data: ', 'data:', 'id: ', 'event: ', ': ', 'retry: ', ''), fc.string({ unit: 'grapheme', maxLength: 6 }));
  const stream = fc
    .array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\r\n\r\n', '\r\r')), { maxLength: 12 })
    .map((lines) => Buffer.from(lines.map(([[name, value], end]) => name + value + end).join('')));

  it('gives the same events and bytes however the stream is cut', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(120), { maxLength: 6 }), fc.boolean(), (body, cuts, hasBom) => {
        const bytes = hasBom ? Buffer.concat([Buffer.from('\ufeff'), body]) : body;
        const whole = split(bytes);
        const cut = split(bytes, cuts.map((at) => Math.min(at, bytes.length)));
        expect(cut.events.filter((event) => event.raw.toString() !== '\n').map(shown)).toEqual(whole.events.map(shown));
        expect(Buffer.concat([...cut.events.map(({ raw }) => raw), cut.rest])).toEqual(body.subarray(0, 3).equals(Buffer.from('\ufeff')) && !hasBom ? body.subarray(3) : body);
      }),
      { numRuns: 500 },
    );
  });

  it('cuts back into data whatever sseEvent wrote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (data) => {
        const { events } = split(Buffer.from(sseEvent(data, { id: '1', event: 'e', retry: 5 })));
        expect(events.map(shown)).toEqual([{ event: 'e', data: data.replace(/\r\n?/g, '\n'), id: '1', retry: 5 }]);
      }),
    );
  });
});

describe('sseEvent', () => {
  it('lets no field end its line', () => {
    expect(sseEvent('x', { event: 'a\nb', id: 'c\r\nd' })).toBe('event: ab\nid: cd\ndata: x\n\n');
  });
});
