import { FORMATS, type AuditFormat } from '@sallyport/audit-formats';
import type { ExportFormat, SinkConfiguration } from '@sallyport/sinks';
import { aBatch, outgoingEvents } from '@sallyport/sinks/testing';
import { describe, expect, it } from 'vitest';

import { examined, FAKED_SINKS, type FakedSink } from './testing/examined.js';

const NEVER = new AbortController().signal;
const FORMS = Object.entries(FAKED_SINKS).flatMap(([name, faked]) => faked().type.formats.map((format) => [name, format, faked] as const));

const versionsOf = (format: ExportFormat): readonly string[] => FORMATS[format as AuditFormat].versions;

/** The text of what a sink sends in a format and version, base64 of SecOps read. */
async function sent(faked: FakedSink, of: Pick<SinkConfiguration, 'format' | 'formatVersion'>): Promise<string> {
  const { type, configuration, tools, receiver } = await examined(faked);
  const sink = type.open({ ...configuration, ...of }, tools);
  expect(await sink.deliver(aBatch(outgoingEvents(1)), NEVER)).toEqual({ kind: 'delivered' });
  await sink.close();
  const body = receiver.received.at(-1)?.body.toString() ?? '';
  await receiver.close();
  return body.replace(/"data":"([A-Za-z0-9+/=]+)"/g, (_whole, data: string) => Buffer.from(data, 'base64').toString());
}

describe('the version of a format', () => {
  it.each(FORMS.filter(([, format]) => versionsOf(format).length > 1))('is what %s asks for in %s, and the newest where nobody asks', async (_name, format, faked) => {
    const [newest = '', older = ''] = versionsOf(format);
    const [newer, other] = [await sent(faked(), { format, formatVersion: null }), await sent(faked(), { format, formatVersion: older })];
    expect([newer.includes(newest), newer.includes(older), other.includes(newest), other.includes(older)]).toEqual([true, false, false, true]);
  });

  it.each(FORMS)('is refused where %s in %s has none of that name', (_name, format, faked) => {
    const { type, configuration } = faked();
    const checked = type.check({ ...configuration('https://siem.example.com'), format, formatVersion: '0.1' });
    expect(checked.ok ? [] : checked.refusal.map(({ pointer }) => pointer)).toEqual(['/formatVersion']);
  });
});
