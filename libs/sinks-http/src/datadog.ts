import { choice, makeSinkType, optional, text, type Delivery, type OutgoingBatch, type OutgoingEvent, type Sink, type SinkConfiguration, type SinkTools, type ValuesOf } from '@sallyport/sinks';

import { TLS_CREDENTIALS, TLS_SETTINGS, headerProblems, shownAddress, commonProblems, url, whereOf } from './connection-settings.js';
import { gathered, withRejected } from './fitting.js';
import { HttpClient } from './http-client.js';
import { growthOf, rendered, type Form } from './rendered.js';
import { statusDelivery, type StatusAdvice } from './status-delivery.js';

/** What one request and one log of the intake may have, bytes before compression. A longer log would be cut there without a word. */
export const DATADOG_BYTES = { request: 5 * 1_000_000, log: 1_000_000 } as const;

/** An older event is taken under the time of its arrival only, milliseconds. */
export const DATADOG_LATE_MS = 18 * 3_600_000;

const MAX_LOGS = 1_000;
const ENVELOPE_BYTES = 1_024;
const LOGS_PATH = '/api/v2/logs';
const SITES = ['datadoghq.com', 'us3.datadoghq.com', 'us5.datadoghq.com', 'datadoghq.eu', 'ap1.datadoghq.com', 'ap2.datadoghq.com', 'ddog-gov.com'] as const;
const ADVICE: StatusAdvice = { auth: "Give the sink a valid API key of the organisation's Datadog site.", address: 'Check `site`, or `url` if it is given.' };

const SETTINGS = {
  site: choice({ description: "The organisation's Datadog site.", of: SITES, fallback: 'datadoghq.com' }),
  url: optional(url({ description: 'Address of a proxy of the intake, instead of the site.' })),
  service: text({ description: 'The service of the logs.', fallback: 'sallyport', maxLength: 100 }),
  tags: optional(text({ description: 'Tags of every log, such as env:prod,team:security.', pattern: /^[^\s,]+(?:,[^\s,]+)*$/, wanted: 'tags between commas' })),
  ...TLS_SETTINGS,
} as const;
type DatadogValues = ValuesOf<typeof SETTINGS>;

/** Datadog's intake of logs, version 2. */
export const datadog = makeSinkType({
  name: 'datadog',
  description: 'Datadog logs.',
  settings: SETTINGS,
  credentials: [{ name: 'api_key', required: true, description: 'API key of Datadog.' }, ...TLS_CREDENTIALS],
  formats: ['native', 'ocsf'],
  dedupes: false,
  resendMs: 0,
  examine: (values, configuration) => [...commonProblems(addressOf(values), values, configuration), ...headerProblems(configuration.credentials, ['api_key'])],
  bounds: (_values, { format }) => ({ maxEvents: MAX_LOGS, maxBytes: Math.floor((DATADOG_BYTES.request - MAX_LOGS * ENVELOPE_BYTES) / growthOf(format)), maxEventBytes: null }),
  guarantee: () => 'at-least-once to intake; we pre-truncate ourselves',
  destination: (values) => shownAddress(addressOf(values), LOGS_PATH),
  open: (values, configuration, tools) => new DatadogSink(values, configuration, tools),
});

function addressOf({ site, url: proxy }: DatadogValues): string {
  return proxy ?? `https://http-intake.logs.${site}`;
}

class DatadogSink implements Sink {
  private readonly client: HttpClient;
  private readonly path: string;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly form: Form;

  constructor(
    private readonly values: DatadogValues,
    { credentials, format, formatVersion }: SinkConfiguration,
    private readonly tools: SinkTools,
  ) {
    const where = whereOf(addressOf(values), values, credentials);
    this.client = new HttpClient(where, tools);
    this.path = `${where.path}${LOGS_PATH}`;
    this.headers = { 'content-type': 'application/json', 'dd-api-key': credentials['api_key'] ?? '' };
    this.form = { format, formatVersion };
  }

  async deliver(batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    const { items, rejected } = gathered(batch.events, (outgoing, cut) => this.log(outgoing, cut), (log) => Buffer.byteLength(log) <= DATADOG_BYTES.log);
    if (items.length === 0) return withRejected({ kind: 'delivered' }, rejected);
    const body = `[${items.join(',')}]`;
    if (Buffer.byteLength(body) > DATADOG_BYTES.request) return { kind: 'unfit', reason: 'The batch is larger than the receiver takes at once.' };
    const answered = await this.client.post({ path: this.path, headers: this.headers, body, gzip: true }, signal);
    return answered.ok ? withRejected(statusDelivery(answered.value, ADVICE), rejected) : answered.refusal;
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private log(outgoing: OutgoingEvent, cut: readonly string[]): string {
    const { stored } = outgoing;
    const { service, tags } = this.values;
    const atMs = Date.parse(stored.time);
    const ownTags = `event_id:${stored.eventId},stream:${stored.stream}`;
    return JSON.stringify({
      ddsource: 'sallyport',
      service,
      ddtags: tags === null ? ownTags : `${ownTags},${tags}`,
      event_id: stored.eventId,
      seq: stored.seq,
      sallyport_time: stored.time,
      ...(this.tools.clock.now() - atMs < DATADOG_LATE_MS ? { timestamp: atMs } : {}),
      ...(cut.length === 0 ? {} : { sallyport_truncated: cut }),
      message: rendered(this.form, outgoing),
    });
  }
}
