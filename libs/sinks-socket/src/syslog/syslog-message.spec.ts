import type { AuditEvent, AuditFact } from '@sallyport/audit-event';
import { decodeSyslog, FORMATS } from '@sallyport/audit-formats';
import { describe, expect, it } from 'vitest';

import { anOutgoingBatch } from '../testing/an-outgoing-batch.js';
import { syslogMessage, type SyslogForm } from './syslog-message.js';

const FORM: SyslogForm = { facility: 'audit', sdId: 'sallyport@32473', maxOctets: 8_192, format: 'native', formatVersion: null };
const NASTY = 'a\r\nb|c=d]e"f\\g \u202e𝄞';

function messageOf(over: Parameters<typeof anOutgoingBatch>[1], form: Partial<SyslogForm> = {}): { text: string; octets: number; line: string; event: AuditEvent } {
  const [event] = anOutgoingBatch(1, over).events;
  if (event === undefined) throw new Error('no event');
  const bytes = syslogMessage(event, { ...FORM, ...form }, false) ?? Buffer.alloc(0);
  return { text: bytes.toString('utf8'), octets: bytes.length, line: event.stored.line, event: event.event };
}

describe('a syslog message', () => {
  it('has the header of RFC 5424, id and seq as structured data, and the event’s own text', () => {
    const { text, line } = messageOf(() => ({ severity: 4 }), { facility: 'local3', sdId: 'audit@4711' });
    const { stored } = anOutgoingBatch(1, () => ({ severity: 4 })).events[0] ?? {};
    expect(text).toBe(`<155>1 ${stored?.time} worker-1 sallyport - call.decided [audit@4711 id="${stored?.eventId}" seq="1" stream="${stored?.stream}" sallyportHash="${stored?.hash}"] ${line}`);
  });

  it('is one line of ASCII whatever an event holds, and reads back exactly', () => {
    const { text, event } = messageOf(() => ({ actor: { kind: 'agent', name: NASTY }, ext: { a: NASTY }, reason: NASTY }));
    expect(text).toMatch(/^[\u0020-\u007e]+$/);
    expect(decodeSyslog(text)).toEqual({ ok: true, value: expect.objectContaining({ event }) });
  });

  it('keeps to the octets it may have, and names what it left out', () => {
    const fact = (): Partial<AuditFact> => ({ request: { args_excerpt: '𝄞'.repeat(1_000) } });
    const { text, octets } = messageOf(fact);
    expect(octets).toBeLessThanOrEqual(8_192);
    expect(text).toContain('sallyportTruncated="');
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ seq: 1, integrity: { alg: 'sha-256' } });
    expect(messageOf(fact, { maxOctets: 65_536 }).text).not.toContain('sallyportTruncated');
  });

  it('keeps what proves the event where nothing else fits', () => {
    const { octets, text } = messageOf(() => ({ reason: 'r'.repeat(3_000) }), { maxOctets: 2_048 });
    expect(octets).toBeLessThanOrEqual(2_048);
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ type: 'call.decided', integrity: { canon: 'rfc8785' } });
  });

  it.each(['ocsf', 'ecs', 'cef', 'leef'] as const)('carries other formats whole (%s), and marks a replay', (format) => {
    const [outgoing] = anOutgoingBatch(1).events;
    if (outgoing === undefined) throw new Error('no event');
    const text = syslogMessage(outgoing, { ...FORM, format, maxOctets: 16_384 }, true)?.toString() ?? '';
    const rendered = FORMATS[format].render(outgoing.event, outgoing.stored);
    expect(text.endsWith(` replay="true"] ${rendered}`)).toBe(true);
    expect(text).not.toMatch(/[\r\n]/);
  });
});
