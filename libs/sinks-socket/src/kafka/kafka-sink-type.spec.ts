import { describe, expect, it } from 'vitest';

import { kafkaSinkType } from './kafka-sink-type.js';

describe('the settings of a Kafka sink', () => {
  it('are refused with every problem at once', () => {
    const settings = { brokers: ['kafka.example'], topic: 'a b', sasl_mechanism: 'oauthbearer' };
    const checked = kafkaSinkType.check({ settings, credentials: {}, format: 'native', formatVersion: null });
    expect(checked.ok ? [] : checked.refusal.map(({ pointer }) => pointer)).toEqual(['/settings/brokers/0', '/settings/topic', '/settings/sasl_mechanism']);
    const second = kafkaSinkType.check({
      settings: { brokers: ['kafka.example:0'], topic: 'audit', tls: false, tls_ca: '-----BEGIN CERTIFICATE-----', sasl_mechanism: 'plain' },
      credentials: { sasl_username: 'u' },
      format: 'native',
      formatVersion: null,
    });
    expect(second.ok ? [] : second.refusal.map(({ pointer }) => pointer)).toEqual(['/credentials/sasl_password', '/settings/brokers/0', '/settings/tls_ca']);
  });

  it('show no credential in the destination', () => {
    const configuration = { settings: { brokers: ['a:9093', 'b:9093'], topic: 'audit', sasl_mechanism: 'plain' }, credentials: { sasl_username: 'bob', sasl_password: 'hunter2' }, format: 'native' as const, formatVersion: null };
    expect(kafkaSinkType.destination(configuration)).toBe('kafka://a:9093,b:9093/audit');
    expect(kafkaSinkType.guarantee(configuration)).toBe('at-least-once');
  });
});
