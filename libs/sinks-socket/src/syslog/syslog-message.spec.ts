import { describe, expect, it } from 'vitest';

import { anOutgoingBatch } from '../testing/an-outgoing-batch.js';
import { syslogMessage, type SyslogForm } from './syslog-message.js';

const FORM: SyslogForm = { facility: 'audit', sdId: 'sallyport@32473', maxOctets: 8_192, format: 'native', formatVersion: null };
const NASTY = 'a\r\nb|c=d]e"f\\g \u202e𝄞';

function messageOf(over: Parameters<typeof anOutgoingBatch>[1], form: Partial<SyslogForm> = {}): { text: string; octets: number; line: string } {
  const [event] = anOutgoingBatch(1, over).events;
  if (event === undefined) throw new Error('no event');
  const bytes = syslogMessage(event, { ...FORM, ...form }, false);
  return { text: bytes.toString('utf8'), octets: bytes.length, line: event.stored.line };
}

describe('a syslog message', () => {
  it('has the header of RFC 5424, id and seq as structured data, and the event’s own text', () => {
    const { text, line } = messageOf(() => ({ severity: 4 }));
    const [event] = anOutgoingBatch(1).events;
    expect(text).toBe(
      `<107>1 ${event?.stored.time} worker-1 sallyport - call.decided [sallyport@32473 id="${event?.stored.eventId}" seq="1" stream="${event?.stored.stream}" type="call.decided"] ${line}`,
    );
  });

  it('is one line whatever an event holds, and reads back exactly', () => {
    const { text, line } = messageOf(() => ({ actor: { kind: 'agent', name: NASTY }, ext: { [NASTY]: NASTY } }));
    expect(text).not.toMatch(/[\r\n]/);
    expect(text.endsWith(line)).toBe(true);
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ actor: { name: NASTY }, ext: { [NASTY]: NASTY } });
  });

  it('keeps to the octets it may have, in characters of any width, and names what it left out', () => {
    const { text, octets } = messageOf(() => ({ request: { args_excerpt: '𝄞'.repeat(2_300) } }));
    expect(octets).toBeLessThanOrEqual(8_192);
    expect(text).toContain('truncated="');
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ seq: 1, integrity: { alg: 'sha-256' } });
  });

  it('keeps what proves the event where nothing else fits', () => {
    const { octets, text } = messageOf(() => ({ reason: 'r'.repeat(3_000) }), { maxOctets: 2_048 });
    expect(octets).toBeLessThanOrEqual(2_048);
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ type: 'call.decided', integrity: { canon: 'rfc8785' } });
  });

  it('does not let a name of a header break out of it', () => {
    const { text } = messageOf(() => ({ gateway: { instance_id: 'a b\n]"' } }));
    expect(text).toContain(' a_b_]" sallyport - ');
  });
});
