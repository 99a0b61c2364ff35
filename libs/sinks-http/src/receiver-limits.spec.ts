import { aBatch, outgoingEvents } from '@sallyport/sinks/testing';
import { describe, expect, it } from 'vitest';

import { AZURE_CALL_BYTES } from './azure-monitor.js';
import { DATADOG_BYTES, DATADOG_LATE_MS } from './datadog.js';
import { SECOPS_REQUEST_BYTES } from './google-secops.js';
import { ANSWER_BYTES, REQUEST_DEADLINE_MS } from './http-client.js';
import { HTTP_SINK_TYPES } from './http-sink-types.js';
import { MAX_RETRY_AFTER_MS } from './retry-after.js';
import { ACK_GIVEN_UP_MS } from './splunk-acknowledgement.js';
import { SPLUNK_POST_BYTES } from './splunk-hec.js';
import { examined, FAKED_SINKS } from './testing/examined.js';

const MIB = 1_048_576;

/** What receivers set as limits, as numbers: a test that goes by the constant would follow it wherever it went. */
describe('the limits of receivers', () => {
  it('are kept to by bytes and by time', () => {
    expect({ AZURE_CALL_BYTES, DATADOG_BYTES, DATADOG_LATE_MS, SECOPS_REQUEST_BYTES, SPLUNK_POST_BYTES }).toEqual({
      AZURE_CALL_BYTES: MIB,
      DATADOG_BYTES: { request: 5_000_000, log: 1_000_000 },
      DATADOG_LATE_MS: 64_800_000,
      SECOPS_REQUEST_BYTES: 1_000_000,
      SPLUNK_POST_BYTES: 2 * MIB,
    });
    expect({ ACK_GIVEN_UP_MS, ANSWER_BYTES, MAX_RETRY_AFTER_MS, REQUEST_DEADLINE_MS }).toEqual({ ACK_GIVEN_UP_MS: 300_000, ANSWER_BYTES: 65_536, MAX_RETRY_AFTER_MS: 3_600_000, REQUEST_DEADLINE_MS: 30_000 });
  });

  it.each([
    ['datadog', 1_000, 5_000_000],
    ['webhook', 500, MIB],
    ['splunk_hec', 1_000, 2 * MIB],
    ['azure_monitor', 500, MIB],
    ['google_secops', 500, 1_000_000],
    ['elasticsearch', 1_000, 10 * MIB],
    ['opensearch', 1_000, 10 * MIB],
    ['otlp_http', 1_000, 4 * MIB],
  ])('bound a batch of %s to %d events and to at most %d bytes, whatever the format', (name, mostEvents, mostBytes) => {
    const faked = FAKED_SINKS[name]?.();
    for (const format of faked?.type.formats ?? []) {
      const { maxEvents, maxBytes } = faked?.type.bounds({ ...faked.configuration('https://siem.example.com'), format }) ?? { maxEvents: Infinity, maxBytes: Infinity };
      expect([maxEvents <= mostEvents, maxBytes <= mostBytes], `${name} in ${format}: ${maxEvents} events, ${maxBytes} bytes`).toEqual([true, true]);
    }
  });

  it.each([
    ['azure_monitor', 6, 200_000, { max_field_bytes: 262_144 }],
    ['datadog', 6, 900_000, {}],
    ['elasticsearch', 2, 5_000_000, {}],
    ['google_secops', 2, 500_000, {}],
    ['otlp_http', 2, 2_500_000, {}],
    ['splunk_hec', 2, 1_100_000, {}],
  ])('have a batch of %s halved that is above them, without an event sent', async (name, count, padding, settings) => {
    const faked = FAKED_SINKS[name]?.();
    if (faked === undefined) throw new Error(`no fake of ${name}`);
    const { type, configuration, tools, receiver } = await examined(faked);
    const sink = type.open({ ...configuration, settings: { ...configuration.settings, ...settings } }, tools);
    expect(await sink.deliver(aBatch(outgoingEvents(count, 1, { padding })), new AbortController().signal)).toMatchObject({ kind: 'unfit' });
    expect(await receiver.kept()).toEqual([]);
    await sink.close();
    await receiver.close();
  });

  it('are those of every kind', () => {
    expect(HTTP_SINK_TYPES.map(({ name }) => name).sort()).toEqual(['azure_monitor', 'datadog', 'elasticsearch', 'google_secops', 'opensearch', 'otlp_grpc', 'otlp_http', 'splunk_hec', 'webhook']);
  });
});
