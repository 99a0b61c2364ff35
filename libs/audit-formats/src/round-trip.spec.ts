import { type AuditEvent, parseAuditEvent, sealEvent, type StoredEvent } from '@sallyport/audit-event';
import { aFact, AN_ORGANISATION, arbitraryStoredEvent, HOSTILE_TEXTS, nodeSha256 } from '@sallyport/audit-event/testing';
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { AUDIT_FORMATS, type AuditFormat, type EventFormat, FORMATS } from './formats.js';

/** Every seed has been run; one run takes one of them, another each day. `FORMAT_CASES` and `FORMAT_SEED` say otherwise. */
const SEEDS = [11, 23, 37, 53, 71, 89, 97];
const seed = Number(process.env['FORMAT_SEED'] ?? SEEDS[Math.floor(Date.now() / 86_400_000) % SEEDS.length]);
const numRuns = Number(process.env['FORMAT_CASES'] ?? 400);

const place = { stream: AN_ORGANISATION, seq: 1, observedTime: '2026-11-21T09:00:00.000500Z', prevHash: '00'.repeat(32), keyEpoch: 1 };
type Both = { readonly event: AuditEvent; readonly stored: StoredEvent };

function sealed(fact: Parameters<typeof sealEvent>[0]): Both {
  const stored = sealEvent(fact, place, nodeSha256);
  const parsed = parseAuditEvent(stored.line);
  if (!parsed.ok) throw new Error(parsed.refusal.message);
  return { event: parsed.value, stored };
}

function expectWhole(format: AuditFormat, { event, stored }: Both): void {
  for (const version of FORMATS[format].versions) {
    const text = FORMATS[format].render(event, stored, version);
    const decoded = FORMATS[format].decode(text);
    if (isWhole(decoded, stored) && !/[\r\n]/.test(text)) continue;
    expect(text).not.toMatch(/[\r\n]/);
    expect(decoded).toEqual({ ok: true, value: { kind: 'whole', event } });
  }
}

/** Equal events have equal lines, and comparing those takes less time than comparing all their members. */
function isWhole(decoded: ReturnType<EventFormat['decode']>, { line }: StoredEvent): boolean {
  return decoded.ok && decoded.value.kind === 'whole' && canonicalJson(decoded.value.event as unknown as JsonObject) === line;
}

/** Whole, or where a format of bounded length has no room for all of it: what is there is as it was, and what is not is named. */
function expectTrue(format: AuditFormat, both: Both): void {
  const text = FORMATS[format].render(both.event, both.stored);
  const decoded = FORMATS[format].decode(text);
  if (!decoded.ok || decoded.value.kind === 'whole') return expectWhole(format, both);
  const { event, truncated } = decoded.value;
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(7_500);
  expect(event).toEqual(without(both.event as unknown as JsonObject, truncated));
}

function without(event: JsonObject, pointers: readonly string[], at = ''): JsonObject {
  const kept = Object.entries(event).flatMap(([name, value]): readonly (readonly [string, JsonValue])[] => {
    const pointer = `${at}/${name}`;
    if (value === undefined || pointers.includes(pointer)) return [];
    if (!isJsonObject(value) || !pointers.some((one) => one.startsWith(`${pointer}/`))) return [[name, value]];
    const rest = without(value, pointers, pointer);
    return Object.keys(rest).length === 0 ? [] : [[name, rest]];
  });
  return Object.fromEntries(kept);
}

describe('every format', () => {
  it('gives back any event as it was, in one line; where there is no room for all of it, the rest', () => {
    fc.assert(
      fc.property(arbitraryStoredEvent(), (both) => {
        for (const format of AUDIT_FORMATS) expectTrue(format, both);
      }),
      { numRuns, seed },
    );
  }, 300_000);

  it.each(AUDIT_FORMATS)('%s carries hostile texts in any place without breaking out of it', (format) => {
    for (const text of HOSTILE_TEXTS) {
      const fact = aFact();
      expectWhole(
        format,
        sealed({
          ...fact,
          actor: { kind: 'agent', name: text, roles: [text, text] },
          client: { name: text, version: text, user_agent: text, unverified: true },
          source: { ip: text, forwarded_for: [text] },
          gateway: { instance_id: text, version: text, region: text },
          server: { id: text, alias: text, host: text },
          mcp: { method: text, tool: text, resource_uri: text, flow_id: text },
          trace: { trace_id: text, span_id: text },
          admin: { action: text, object_type: 'grant', object_id: text, reason: text, patch: [{ op: 'add', path: text, value: { [text]: text } }] },
          export: { sink_id: text, sink_name: text, sink_type: text },
          reason: text,
          ext: { [text]: text },
        }),
      );
    }
  });

  it.each(AUDIT_FORMATS)('%s refuses what it did not write, without throwing', (format) => {
    const { decode } = FORMATS[format];
    const texts = ['', '{}', 'null', '[]', '{"event":{"original":7}}', '{"raw_data":"{}"}', 'CEF:0|a|b|c|d|e|5|', 'CEF:0|a|b', 'CEF:0|a|b|c|d|e|5|seq=1', 'LEEF:2.0|a|b|c|d|x01|', 'LEEF:1.0|a|b|c|d|a=b', '<110>1 - - - - - -'];
    for (const text of texts) expect(decode(text).ok).toBe(false);
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => !decode(text).ok), { numRuns: 100, seed });
  });

  it.each(AUDIT_FORMATS)('%s does not take an event that was changed for a whole one', (format) => {
    const { event, stored } = sealed(aFact());
    const text = FORMATS[format].render(event, stored);
    const other = FORMATS[format].decode(text.replaceAll('"seq":1,', '"seq":-1,').replaceAll('"seq\\":1,', '"seq\\":-1,').replaceAll('\\"seq\\":1,', '\\"seq\\":-1,').replace('sallyportSeq=1', 'sallyportSeq=-1'));
    expect(other.ok).toBe(false);
  });
});

describe.each(['cef', 'leef', 'syslog'] as const)('an event that has no room in %s', (format) => {
  const octets = (text: string) => Buffer.byteLength(text);
  const rendered = (fact: Parameters<typeof sealEvent>[0]) => {
    const { event, stored } = sealed(fact);
    const text = FORMATS[format].render(event, stored);
    expect(octets(text)).toBeLessThanOrEqual(7_500);
    const decoded = FORMATS[format].decode(text);
    if (!decoded.ok) throw new Error(decoded.refusal.message);
    return { text, stored, event, decoded: decoded.value };
  };
  const fact = aFact();
  const decision = { decision_id: fact.event_id };

  it('loses the excerpt of its arguments first, says so, and keeps everything else and its hash', () => {
    const { text, stored, event, decoded } = rendered({ ...fact, request: { args_bytes: 9, args_excerpt: 'e'.repeat(8_000) }, decision: { ...decision, obligations: ['o'] } });
    expect(decoded).toEqual({ kind: 'cut', truncated: ['/request/args_excerpt'], event: { ...event, request: { args_bytes: 9 } } });
    expect(text).toContain('sallyportTruncated');
    expect(text).toContain(stored.hash);
    expect(text).toMatch(/sallyportHash="?[0-9a-f]{64}/);
  });

  it('then loses obligations and the labels of the flow, in this order', () => {
    const long = Array.from({ length: 40 }, (_, at) => `${at}${'x'.repeat(200)}`);
    const { decoded } = rendered({ ...fact, request: { args_bytes: 9, args_excerpt: 'e' }, decision: { ...decision, obligations: long, flow_before: long, flow_after: ['f'] } });
    expect(decoded).toMatchObject({ kind: 'cut', truncated: ['/request/args_excerpt', '/decision/obligations', '/decision/flow_before'], event: { decision: { ...decision, flow_after: ['f'] } } });
  });

  it('fits whatever it holds, and keeps what proves it', () => {
    for (const long of ['\u{1f512}'.repeat(400), '\u0085'.repeat(400), '\\|='.repeat(400), 'x'.repeat(3_000)]) {
      const { decoded } = rendered({
        ...fact,
        actor: { kind: 'agent', name: long, roles: [long], subject: long },
        client: { name: long, unverified: true },
        gateway: { instance_id: long, version: long },
        mcp: { tool: long, method: long, resource_uri: long },
        reason: long,
      });
      expect(decoded.kind).toBe('cut');
      expect((decoded.event as JsonObject)['integrity']).toMatchObject({ alg: 'sha-256', canon: 'rfc8785', prev_hash: place.prevHash, key_epoch: 1 });
    }
  });
});
