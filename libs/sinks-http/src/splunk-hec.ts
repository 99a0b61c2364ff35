import { choice, flag, makeSinkType, optional, text, type Delivery, type OutgoingBatch, type Sink, type SinkConfiguration, type SinkTools } from '@sallyport/sinks';

import { TLS_CREDENTIALS, TLS_SETTINGS, headerProblems, shownAddress, commonProblems, url, whereOf } from './connection-settings.js';
import { HttpClient, type HttpRequest } from './http-client.js';
import { growthOf } from './rendered.js';
import { DISABLED, SplunkChannel } from './splunk-acknowledgement.js';
import { ackIdOf, splunkDelivery } from './splunk-answer.js';
import { splunkEnvelope, type EnvelopeSettings } from './splunk-envelope.js';

/** A POST of HEC is kept below this, bytes before compression. */
export const SPLUNK_POST_BYTES = 2 * 1_048_576;

const ENVELOPE_BYTES = 512;
const MAX_EVENTS = 1_000;
const EVENT_PATH = '/services/collector/event';
const ACK_PATH = '/services/collector/ack';

/** Splunk's HTTP Event Collector, with and without indexer acknowledgement. */
export const splunkHec = makeSinkType({
  name: 'splunk_hec',
  description: "Splunk's HTTP Event Collector.",
  settings: {
    url: url({ description: 'Address of the HTTP Event Collector without a path, such as https://splunk.example.com:8088.' }),
    index: optional(text({ description: "The index to write to; the token's own without it.", pattern: /^[a-z0-9_][a-z0-9_-]*$/, wanted: 'the name of an index', maxLength: 80 })),
    source: text({ description: 'The source of the events.', fallback: 'sallyport' }),
    sourcetype: text({ description: 'The source type of the events.', fallback: 'sallyport:audit' }),
    host: text({ description: 'The host of the events.', fallback: 'sallyport' }),
    acknowledgement: flag({ description: 'Whether to wait until the events are indexed. The token must have indexer acknowledgement enabled; Splunk Cloud has it only for Firehose.', fallback: false }),
    compression: choice({ description: 'Compression of what is sent.', of: ['gzip', 'none'], fallback: 'gzip' }),
    ...TLS_SETTINGS,
  },
  credentials: [{ name: 'token', required: true, description: 'Token of the HTTP Event Collector.' }, ...TLS_CREDENTIALS],
  formats: ['native', 'ocsf', 'ecs', 'cef', 'leef'],
  dedupes: false,
  resendMs: 0,
  examine: (values, configuration) => [...commonProblems(values.url, values, configuration), ...headerProblems(configuration.credentials, ['token'])],
  bounds: (_values, { format }) => ({ maxEvents: MAX_EVENTS, maxBytes: Math.floor((SPLUNK_POST_BYTES - MAX_EVENTS * ENVELOPE_BYTES) / growthOf(format)), maxEventBytes: null }),
  guarantee: ({ acknowledgement }) => (acknowledgement ? 'at-least-once to index' : 'at-least-once to the HEC front door'),
  destination: (values) => shownAddress(values.url, EVENT_PATH),
  open: (values, configuration, tools) => new SplunkSink(values, configuration, tools),
});

interface SplunkValues extends EnvelopeSettings {
  readonly url: string;
  readonly acknowledgement: boolean;
  readonly compression: 'gzip' | 'none';
  readonly tls_ca: string | null;
  readonly tls_servername: string | null;
}

class SplunkSink implements Sink {
  private readonly client: HttpClient;
  private readonly channel: SplunkChannel;
  private readonly path: string;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    private readonly values: SplunkValues,
    private readonly configuration: SinkConfiguration,
    tools: SinkTools,
  ) {
    const { credentials } = configuration;
    const where = whereOf(values.url, values, credentials);
    this.client = new HttpClient(where, tools);
    this.path = where.path;
    this.headers = { authorization: `Splunk ${credentials['token']}`, 'content-type': 'application/json' };
    this.channel = new SplunkChannel(this.client, tools, { path: `${where.path}${ACK_PATH}`, headers: this.headers });
  }

  async deliver(batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    if (!this.values.acknowledgement) return this.send(batch, signal);
    if (!this.channel.awaits(batch.batchId)) {
      const sent = await this.send(batch, signal);
      if (sent.kind !== 'delivered') return sent;
    }
    const confirmed = await this.channel.confirm(batch.batchId, signal);
    if (!confirmed.ok) return confirmed.refusal;
    if (confirmed.value === 'indexed') return { kind: 'delivered' };
    return { kind: 'unavailable', reason: 'The receiver has forgotten the channel, and with it what it had not indexed: the batch goes out again.', retryAfterMs: 0 };
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private async send(batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    const request = this.request(batch);
    if (Buffer.byteLength(request.body) > SPLUNK_POST_BYTES) return { kind: 'unfit', reason: 'The batch is larger than the receiver takes at once.' };
    const answered = await this.client.post(request, signal);
    if (!answered.ok) return answered.refusal;
    const delivery = splunkDelivery(answered.value);
    if (delivery.kind !== 'delivered' || !this.values.acknowledgement) return delivery;
    const ackId = ackIdOf(answered.value);
    if (ackId === null) return DISABLED;
    this.channel.expect(batch.batchId, ackId);
    return delivery;
  }

  private request(batch: OutgoingBatch): HttpRequest {
    const body = batch.events.map((outgoing) => splunkEnvelope(outgoing, this.configuration, this.values)).join('');
    const channel = this.values.acknowledgement ? { 'x-splunk-request-channel': this.channel.id } : {};
    return { path: `${this.path}${EVENT_PATH}`, headers: { ...this.headers, ...channel }, body, gzip: this.values.compression === 'gzip', needsBody: true };
  }
}
