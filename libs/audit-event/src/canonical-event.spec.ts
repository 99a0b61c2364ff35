import { canonicalJson, type JsonObject } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { canonicalJsonValue } from './canonical-json-value.js';
import { canonicalText } from './canonical-text.js';
import { parseAuditEvent } from './parse-audit-event.js';
import { sealEvent } from './seal-event.js';
import { aFact, AN_ORGANISATION, arbitraryAuditFact, arbitraryStoredEvent, arbitraryText, HOSTILE_TEXTS, nodeSha256 } from './testing/index.js';

const place = { stream: AN_ORGANISATION, seq: 7, observedTime: '2026-11-21T09:00:00.000500Z', prevHash: '00'.repeat(32), keyEpoch: 1 };
const lineOf = (fact: Parameters<typeof sealEvent>[0]) => sealEvent(fact, place, nodeSha256).line;

describe('the canonical text of an event', () => {
  it('is RFC 8785 as the kernel writes it, for any fact, and holds exactly that fact', () => {
    fc.assert(
      fc.property(arbitraryAuditFact(), (fact) => {
        const { line, hash } = sealEvent(fact, place, nodeSha256);
        const event = {
          ...fact,
          schema: 'sallyport.audit/1',
          stream: place.stream,
          seq: place.seq,
          observed_time: place.observedTime,
          integrity: { alg: 'sha-256', canon: 'rfc8785', prev_hash: place.prevHash, key_epoch: 1, hash },
        };
        expect(line).toBe(canonicalJson(event as unknown as JsonObject));
        const { hash: _hash, ...integrity } = event.integrity;
        const leaf = Buffer.concat([Uint8Array.of(0), Buffer.from(canonicalJson({ ...event, integrity } as unknown as JsonObject))]);
        expect(hash).toBe(Buffer.from(nodeSha256(leaf)).toString('hex'));
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('writes texts with controls, bidirectional marks and 4-byte characters as RFC 8785 says', () => {
    for (const text of [...HOSTILE_TEXTS, ...HOSTILE_TEXTS.map((one) => one.repeat(40))]) expect(canonicalText(text)).toBe(canonicalJson(text));
    fc.assert(fc.property(arbitraryText(), (text) => canonicalText(text) === canonicalJson(text)));
  });

  it('writes U+FFFD for NUL and lone surrogates, which no store can hold', () => {
    expect(canonicalText('a\0b\ud800c\udc00d\u{1f512}')).toBe('"a\ufffdb\ufffdc\ufffdd\u{1f512}"');
    expect(canonicalText(`${'x'.repeat(100)}\udfff\ud800`)).toBe(`"${'x'.repeat(100)}\ufffd\ufffd"`);
    fc.assert(
      fc.property(fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }), (text) => {
        const written = canonicalText(text);
        expect(written).not.toMatch(/\\u0000|\\ud[89a-f]/);
        expect(Buffer.from(written).toString()).toBe(written);
      }),
    );
  });

  it('cleans names and values inside a change too, and keeps a null there', () => {
    const patch = [{ op: 'add', path: '/a', value: { 'k\0': ['\ud800', null, Number.NaN], z: undefined, a: 1 } }, { op: 'replace', path: '/b', value: null }] as const;
    const { admin } = JSON.parse(lineOf({ ...aFact(), admin: { action: 'changed', object_type: 'grant', object_id: 'g', patch } })) as JsonObject;
    expect(admin).toMatchObject({ patch: [{ value: { 'k\ufffd': ['\ufffd', null, null], a: 1 } }, { value: null }] });
  });

  it('ends a value that lies too deep', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 10_000; level += 1) deep = [deep];
    expect(canonicalJsonValue(deep)).toBe(`${'['.repeat(32)}null${']'.repeat(32)}`);
  });

  it('says nothing of what is empty, and rounds counts', () => {
    const fact = { ...aFact(), mcp: {}, ext: {}, request: { argument_keys: [], args_bytes: -3 }, timing: { gateway_us: 12.6, upstream_us: Number.NaN } };
    const event = JSON.parse(lineOf(fact)) as JsonObject;
    expect(event).toMatchObject({ request: { args_bytes: 0 }, timing: { gateway_us: 13 } });
    expect(event['request']).toEqual({ args_bytes: 0 });
    expect([event['mcp'], event['ext']]).toEqual([undefined, undefined]);
  });
});

describe('reading an event', () => {
  it('gives back what was sealed', () => {
    fc.assert(
      fc.property(arbitraryStoredEvent(), ({ event, stored }) => {
        expect(parseAuditEvent(stored.line)).toEqual({ ok: true, value: event });
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  const event = JSON.parse(lineOf(aFact())) as JsonObject;
  const refusalOf = (value: JsonObject) => {
    const result = parseAuditEvent(canonicalJson(value));
    return result.ok ? 'accepted' : `${result.refusal.pointer} ${result.refusal.message}`;
  };

  it.each([
    ['a field that it does not know', { ...event, password: 'x' }, ' has a field that this version does not know'],
    ['one inside a group', { ...event, actor: { kind: 'agent', password: 'x' } }, '/actor has a field that this version does not know'],
    ['a name of every object', { ...event, constructor: 'x' }, ' has a field that this version does not know'],
    ['a missing field', { ...event, integrity: { ...(event['integrity'] as JsonObject), hash: undefined } }, '/integrity/hash is missing'],
    ['a wrong type', { ...event, seq: '7' }, '/seq is not a whole number from 0'],
    ['a null', { ...event, outcome: null }, '/outcome is none of allowed, denied, limited, approval_required, abandoned, error, success, failure'],
    ['a word of another set', { ...event, actor: { kind: 'robot' } }, '/actor/kind is none of agent, human, service, member, system, unknown'],
    ['an unknown kind of event', { ...event, type: 'admin.door.opened' }, '/type is no type of event'],
    ['a day that there is not', { ...event, time: '2026-02-30T00:00:00.000000Z' }, '/time is not an instant in UTC with six decimals'],
    ['an empty list', { ...event, request: { argument_keys: [] } }, '/request/argument_keys is empty; it must be absent then'],
    ['an empty group', { ...event, mcp: {} }, '/mcp is empty; it must be absent then'],
    ['a list of something else', { ...event, request: { argument_keys: ['a', 1] } }, '/request/argument_keys/1 is not a text'],
    ['too many labels', { ...event, ext: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`l${n}`, 'x'])) }, '/ext is not at most 16 labels'],
    ['another schema', { ...event, schema: 'sallyport.audit/2' }, '/schema is none of sallyport.audit/1'],
  ])('refuses %s', (_, value, refusal) => {
    expect(refusalOf(value as JsonObject)).toBe(refusal);
  });

  it('refuses a line that is not its own canonical text', () => {
    const line = lineOf(aFact());
    for (const other of [` ${line}`, `${line}\n`, line.replace('{', '{ '), line.replace('billing', '\\u0062illing'), line.replace('"seq":7', '"seq":7.0'), line.replace('"seq":7', '"seq":7,"seq":7')]) {
      expect(parseAuditEvent(other)).toEqual({ ok: false, refusal: { pointer: '', message: 'is not written as RFC 8785 says' } });
    }
  });

  it('refuses any text that is no event without throwing', () => {
    for (const text of ['', 'null', '[]', '{}', '{"a":', '1e999', `${'['.repeat(60_000)}`, 'x'.repeat(70_000)]) expect(parseAuditEvent(text).ok).toBe(false);
    const deep = canonicalJson({ ...event, admin: { action: 'a', object_type: 'key', object_id: 'k', patch: [{ op: 'add', path: '', value: '@' }] } });
    expect(parseAuditEvent(deep).ok).toBe(true);
    expect(parseAuditEvent(deep.replace('"@"', `${'['.repeat(20_000)}1${']'.repeat(20_000)}`)).ok).toBe(false);
    fc.assert(fc.property(fc.jsonValue(), (value) => !parseAuditEvent(JSON.stringify(value)).ok));
  });
});
