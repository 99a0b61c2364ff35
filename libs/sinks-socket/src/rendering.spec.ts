import { anOutgoingEvent } from '@sallyport/sinks/testing';
import { describe, expect, it } from 'vitest';

import { kafkaSinkType } from './kafka/kafka-sink-type.js';
import { relpSinkType } from './relp/relp-sink-type.js';
import { rendering } from './rendering.js';
import { syslogMessage } from './syslog/syslog-message.js';
import { syslogSinkType } from './syslog/syslog-sink-type.js';

const VERSIONS = [
  ['ocsf', '1.8.0', '1.7.0'],
  ['ecs', '9.5.0', '8.17.0'],
] as const;
const TYPES = [
  [syslogSinkType, { host: 'siem.example.com' }],
  [relpSinkType, { host: 'siem.example.com' }],
  [kafkaSinkType, { brokers: ['siem.example.com:9092'], topic: 'audit' }],
] as const;

describe('the version of a format', () => {
  it.each(VERSIONS)('is what a record or a message asks for in %s, and the newest where nobody asks', (format, newest, older) => {
    const event = anOutgoingEvent(1);
    const form = { facility: 'audit', sdId: 'sallyport@32473', maxOctets: 65_536, format } as const;
    for (const [asked, wanted] of [[null, newest], [newest, newest], [older, older]] as const) {
      const record = rendering({ settings: {}, credentials: {}, format, formatVersion: asked })(event);
      const message = syslogMessage(event, { ...form, formatVersion: asked }, false)?.toString() ?? '';
      for (const text of [record, message]) expect([newest, older].filter((version) => text.includes(`"version":"${version}"`))).toEqual([wanted]);
    }
  });

  it.each(TYPES)('is refused where %s has none of that name', (type, settings) => {
    for (const format of type.formats) {
      const checked = type.check({ settings, credentials: {}, format, formatVersion: '0.1' });
      expect(checked.ok ? [] : checked.refusal.map(({ pointer }) => pointer), format).toContain('/formatVersion');
    }
  });
});
