import { describe, expect, it } from 'vitest';

import { sinkTypeContract } from '@sallyport/sinks/testing';

import { HTTP_SINK_TYPES } from './http-sink-types.js';
import { examinedGrpc, GRPC_ABILITIES } from './testing/examined-grpc.js';
import { examined, FAKED_SINKS, FAKE_ABILITIES } from './testing/examined.js';

for (const [name, faked] of Object.entries(FAKED_SINKS)) sinkTypeContract(`${name}, before a fake`, FAKE_ABILITIES, () => examined(faked()));
sinkTypeContract('otlp_grpc, before a fake', GRPC_ABILITIES, examinedGrpc);

describe('the kinds of sink over HTTP', () => {
  it('promise what the documentation says, word by word', () => {
    const promises = Object.fromEntries(Object.entries(FAKED_SINKS).map(([name, faked]) => [name, promiseOf(faked())]));
    expect(promises).toEqual({
      splunk_hec: 'at-least-once to the HEC front door',
      elasticsearch: 'at-least-once, exactly-once per backing index (a rollover between retries can duplicate)',
      opensearch: 'at-least-once, exactly-once per backing index (a rollover between retries can duplicate)',
      datadog: 'at-least-once to intake; we pre-truncate ourselves',
      azure_monitor: 'at-least-once',
      google_secops: 'at-least-once',
      webhook: 'at-least-once',
      otlp_http: 'at-least-once to next hop',
    });
  });

  it('describe every setting and credential', () => {
    for (const { settingsSchema, credentials } of HTTP_SINK_TYPES) {
      const properties = settingsSchema['properties'];
      for (const property of Object.values(properties ?? {})) expect(property).toMatchObject({ description: expect.stringMatching(/\S \S/) });
      for (const { description } of credentials) expect(description).toMatch(/\S \S/);
    }
  });

  it('never connect before something is delivered', async () => {
    for (const faked of Object.values(FAKED_SINKS)) {
      const { type, configuration, tools, receiver } = await examined(faked());
      await type.open(configuration, tools).close();
      expect(receiver.received).toEqual([]);
      await receiver.close();
    }
  });
});

function promiseOf({ type, configuration }: ReturnType<(typeof FAKED_SINKS)[string]>): string {
  return type.guarantee(configuration('https://siem.example.com'));
}
