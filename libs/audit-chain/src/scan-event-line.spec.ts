import { aChain, aFact, arbitraryStoredEvent } from '@sallyport/audit-event/testing';
import { parseAuditEvent, sealEvent } from '@sallyport/audit-event';
import { canonicalJson, type JsonObject } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readLineByParsing } from './read-event-line.js';
import { scanEventLine } from './scan-event-line.js';
import { CANNOT_TELL, isSurelyCanonical } from './scan-canonical.js';
import { nodeSha256 as sha256 } from './testing/node-crypto.js';
import { utf8 } from './text-bytes.js';

const RUNS = 1_500;

/** Whatever the scan takes, the slow way takes too, and reads the same. */
function agrees(bytes: Uint8Array): boolean {
  const event = scanEventLine(bytes, sha256);
  if (event === undefined) return false;
  expect(readLineByParsing(bytes, sha256)).toEqual({ kind: 'event', event: { ...event, leaf: Buffer.from(event.leaf) } });
  return true;
}

function isCanonical(text: string): boolean {
  return isSurelyCanonical(utf8(text), { member: () => undefined });
}

/** Bytes that matter to JSON, and some that do not. */
const BYTES = [...'{}[]",:\\u0019-+.eEtfn /az'].map((letter) => letter.charCodeAt(0)).concat(0, 0x0a, 0x0d, 0x7f, 0x80, 0xc3, 0xed, 0xff);

describe('a line that is scanned', () => {
  it('is read as by parsing it, for every event that can be written', () => {
    let taken = 0;
    fc.assert(
      fc.property(arbitraryStoredEvent(), ({ stored }) => {
        expect(parseAuditEvent(stored.line).ok).toBe(true);
        if (agrees(utf8(stored.line))) taken += 1;
      }),
      { numRuns: RUNS },
    );
    expect(taken).toBeGreaterThan(RUNS / 8);
  });

  it('is taken without parsing when it is an event as they are, with characters of any script', () => {
    for (const name of ['billing-bot', 'bücher', '請求', '🔒 "quoted" \\ \n\t']) {
      const [event] = aChain(1, { factAt: () => aFact({ actor: { kind: 'agent', name } }) });
      expect(agrees(utf8(event?.line ?? '')), name).toBe(true);
    }
  });

  it('is not taken by the scan alone when bytes of it are others, unless parsing takes it too', () => {
    const edit = fc.record({ at: fc.nat(), byte: fc.constantFrom(...BYTES), kind: fc.constantFrom('set', 'insert', 'remove') });
    fc.assert(
      fc.property(arbitraryStoredEvent(), fc.array(edit, { minLength: 1, maxLength: 3 }), ({ stored }, edits) => {
        let bytes = [...utf8(stored.line)];
        for (const { at, byte, kind } of edits) bytes = bytes.toSpliced(at % bytes.length, kind === 'insert' ? 0 : 1, ...(kind === 'remove' ? [] : [byte]));
        agrees(Uint8Array.from(bytes));
      }),
      { numRuns: RUNS },
    );
  });

  it('is no event when members are missing, of another type, or those of a trailer', () => {
    const [event] = aChain(1);
    const whole = JSON.parse(event?.line ?? '') as JsonObject;
    for (const key of ['event_id', 'integrity', 'observed_time', 'seq', 'stream', 'time', 'type']) {
      for (const value of [undefined, 1.5, 'x', '2026-11-21T12:00:00Z', null, {}, whole['integrity']]) {
        if (key === 'integrity' && value === whole['integrity']) continue;
        const changed = utf8(canonicalJson({ ...whole, [key]: value }));
        expect(scanEventLine(changed, sha256), `${key} ${String(value)}`).toBeUndefined();
      }
    }
    expect(scanEventLine(utf8(canonicalJson({ ...whole, sallyport_export: 1 })), sha256)).toBeUndefined();
  });

  it('is left to parsing when it announces a key or records a head', () => {
    for (const type of ['audit.checkpoint', 'audit.key_announced'] as const) {
      const { line } = sealEvent(aFact({ type }), { stream: 's', seq: 1, observedTime: '2026-11-21T12:00:00.000000Z', prevHash: '0'.repeat(64), keyEpoch: 1 }, sha256);
      expect(scanEventLine(utf8(line), sha256)).toBeUndefined();
      expect(readLineByParsing(utf8(line), sha256).kind).toBe('event');
    }
  });
});

describe('a text that is scanned for being canonical', () => {
  it('is one whenever the scan says so, and the scan says so of what is plain', () => {
    let plain = 0;
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (value) => {
        const text = canonicalJson(value as JsonObject);
        if (isCanonical(text)) plain += 1;
        const spaced = JSON.stringify(value, null, 1);
        expect(isCanonical(spaced) && spaced !== text).toBe(false);
        const unsorted = JSON.stringify(Object.fromEntries(Object.entries(value).reverse()));
        expect(isCanonical(unsorted) && unsorted !== text).toBe(false);
      }),
      { numRuns: RUNS },
    );
    expect(plain).toBeGreaterThan(RUNS / 5);
  });

  it.each(['{}', '{"a":[]}', '{"a":{},"b":[{},[1]]}', '{"a":0,"b":-1,"c":1.5,"d":1e+21,"e":123456789012345}', '{"a":"\\"\\\\\\b\\f\\n\\r\\t/é"}', '{"a":"\\u0000\\u001b"}', '{"10":1,"9":2}', '{"a":[true,false,null]}'])('%s is', (text) => {
    expect(isCanonical(text)).toBe(true);
    expect(canonicalJson(JSON.parse(text) as JsonObject)).toBe(text);
  });

  it.each([
    '', '[]', '{', '{"a"}', '{"a":}', '{"a":1,}', '{"a":1}}', '{"a":1} ', '{"a":1,"a":1}', '{"b":1,"a":1}', '{"9":1,"10":1}', '{"a":01}', '{"a":-0}', '{"a":1.0}', '{"a":1e3}', '{"a":12345678901234567890}',
    '{"a":+1}', '{"a":.5}', '{"a":-}', '{"a":1E+21}', '{"a":nul}', '{"a":truefalse}', '{"a":"\\/"}', '{"a":"\\u00e9"}', '{"a":"\\u001B"}', '{"a":"\\u000a"}', '{"a":"\\u0020"}', '{"a":"\\u001', '{"a":"\\ud800"}', '{"a":"\t"}', '{"a":"}', '{"a":"\\', '{"a":[1,]}', '{"a":[,1]}', '{"a" :1}', "{'a':1}", '{"a":undefined}',
    `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`,
  ])('%s is not, or is not for sure', (text) => {
    expect(isCanonical(text)).toBe(false);
  });
});

describe('the answer of a scan that cannot say', () => {
  it('is no place in a text', () => expect(CANNOT_TELL).toBe(-1));
});
