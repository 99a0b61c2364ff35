import { FORMATS } from '@sallyport/audit-formats';
import { branded, type EpochMs, type MemberId, type OrganisationId, type SinkId, type TokenId } from '@sallyport/kernel';
import { FakeClock, ManualScheduler } from '@sallyport/kernel/testing';
import type { SinkConfiguration, SinkType } from '@sallyport/sinks';
import { describe, expect, it } from 'vitest';

import { ALL_SINK_TYPES } from '../all-sink-types.js';
import { previewOf } from './preview-of.js';
import { testBatch } from './test-event.js';

const sink = { organisationId: branded<OrganisationId>('0199c2a0-7b00-7000-8000-0000000000a1'), sinkId: branded<SinkId>('0199c2a0-7b00-7000-8000-00000000005a'), name: 'siem' };
const caller = { memberId: branded<MemberId>('0199c2a0-7b00-7000-8000-0000000000b1'), tokenId: branded<TokenId>('0199c2a0-7b00-7000-8000-0000000000c1') };
const [event] = testBatch({ sink, caller, at: branded<EpochMs>(Date.parse('2026-11-21T09:00:00Z')), code: null }).events;

/** What each kind needs to be opened. Nothing is connected to. */
const SETTINGS: Readonly<Partial<Record<SinkType['name'], SinkConfiguration['settings']>>> = {
  syslog: { host: 'siem.example.com' },
  relp: { host: 'siem.example.com' },
  s3: { bucket: 'audit' },
  file: { directory: '/var/audit' },
};
const KEYS = { access_key_id: 'AKIA', secret_access_key: 'secret' };

function previewed(type: SinkType, format: SinkConfiguration['format']): string {
  const configuration: SinkConfiguration = { settings: SETTINGS[type.name] ?? {}, credentials: type.name === 's3' ? KEYS : {}, format, formatVersion: null };
  const clock = new FakeClock();
  const network = { connect: () => Promise.reject(new Error('a preview connects nowhere')) };
  const opened = type.name in SETTINGS ? type.open(configuration, { ...{ network, clock, random: () => 0, scheduler: new ManualScheduler(clock) }, sinkId: sink.sinkId, organisationId: sink.organisationId }) : {};
  if (event === undefined) throw new Error('a test batch has one event');
  return previewOf(opened, event, configuration);
}

describe('the preview of a sink', () => {
  const every = ALL_SINK_TYPES.flatMap((type) => type.formats.map((format) => [type.name, format, type] as const));

  it.each(every)('of the kind %s shows the sample in %s', (name, format, type) => {
    const text = previewed(type, format);
    expect(text).toContain(event?.stored.eventId);
    if (name === 'syslog' || name === 'relp') expect(text).toMatch(/^<\d+>1 2026-11-21T09:00:00/);
    else if (format === 'parquet') expect(JSON.parse(text)).toMatchObject({ seq: 0, type: 'admin.sink.tested', event: event?.stored.line });
    else expect(FORMATS[format].decode(text)).toMatchObject({ ok: true, value: { event: event?.event } });
  });
});
