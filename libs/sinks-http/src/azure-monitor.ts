import { integer, makeSinkType, text, type Delivery, type OutgoingBatch, type OutgoingEvent, type Sink, type SinkConfiguration, type SinkTools, type ValuesOf } from '@sallyport/sinks';

import { TLS_CREDENTIALS, TLS_SETTINGS, shownAddress, commonProblems, url, whereOf } from './connection-settings.js';
import { gathered, withRejected } from './fitting.js';
import { HttpClient } from './http-client.js';
import { OauthTokens, sendWithToken } from './oauth-token.js';
import { growthOf, rendered, type Form } from './rendered.js';
import { statusDelivery, type StatusAdvice } from './status-delivery.js';

/** One call of the Logs Ingestion API is kept below this, bytes before compression. */
export const AZURE_CALL_BYTES = 1_048_576;

const MAX_EVENTS = 500;
const COLUMNS_BYTES = 640;
/** A line of JSON grows by its quotes when it becomes a value of JSON. */
const ESCAPING = 1.25;
const API_VERSION = '2023-01-01';
const GUID = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
const ADVICE: StatusAdvice = {
  auth: 'Grant the application the role Monitoring Metrics Publisher on the data collection rule; such a grant takes up to half an hour.',
  address: 'Check the ingestion endpoint, the immutable id of the rule and the name of the stream.',
};

const SETTINGS = {
  url: url({ description: 'Logs ingestion address of the data collection endpoint or rule.' }),
  rule: text({ description: 'Immutable id of the data collection rule.', pattern: /^dcr-[0-9a-f]{32}$/, wanted: '`dcr-` and 32 hexadecimal digits' }),
  stream: text({ description: 'Stream of the rule.', fallback: 'Custom-SallyportAudit_CL', pattern: /^[A-Za-z][A-Za-z0-9_-]*$/, wanted: 'the name of a stream, such as Custom-SallyportAudit_CL', maxLength: 128 }),
  tenant: text({ description: 'Id of the Entra tenant.', pattern: GUID, wanted: 'a GUID' }),
  client_id: text({ description: 'Id of the application that signs in.', pattern: GUID, wanted: 'a GUID' }),
  authority: url({ description: 'Where tokens are asked for; another in sovereign clouds.', fallback: 'https://login.microsoftonline.com' }),
  scope: text({ description: 'What tokens are asked for; another in sovereign clouds.', fallback: 'https://monitor.azure.com//.default', pattern: /^https:\/\/\S+\/\.default$/, wanted: 'an address that ends in /.default' }),
  max_field_bytes: integer({ description: 'The longest value that a column keeps, bytes. Azure cuts a longer one without a word; Sallyport leaves parts of the event out instead, and names them.', min: 4_096, max: 262_144, fallback: 32_768 }),
  ...TLS_SETTINGS,
} as const;
type AzureValues = ValuesOf<typeof SETTINGS>;

/** Azure Monitor, and with it Microsoft Sentinel, by a data collection rule. */
export const azureMonitor = makeSinkType({
  name: 'azure_monitor',
  description: 'Azure Monitor and Microsoft Sentinel, through a data collection rule.',
  settings: SETTINGS,
  credentials: [{ name: 'client_secret', required: true, description: 'Secret of the application.' }, ...TLS_CREDENTIALS],
  formats: ['native', 'ocsf'],
  dedupes: false,
  resendMs: 0,
  examine: (values, configuration) => commonProblems(values.url, values, configuration),
  bounds: (_values, { format }) => ({ maxEvents: MAX_EVENTS, maxBytes: Math.floor((AZURE_CALL_BYTES - MAX_EVENTS * COLUMNS_BYTES) / (ESCAPING * growthOf(format))), maxEventBytes: null }),
  guarantee: () => 'at-least-once',
  destination: ({ url: endpoint, rule, stream }) => shownAddress(endpoint, `/${rule}/${stream}`),
  open: (values, configuration, tools) => new AzureSink(values, configuration, tools),
});

class AzureSink implements Sink {
  private readonly client: HttpClient;
  private readonly authority: HttpClient;
  private readonly tokens: OauthTokens;
  private readonly path: string;
  private readonly form: Form;

  constructor(
    private readonly values: AzureValues,
    { credentials, format, formatVersion }: SinkConfiguration,
    tools: SinkTools,
  ) {
    const where = whereOf(values.url, values, credentials);
    const authority = whereOf(values.authority, { ...values, tls_servername: null }, {});
    this.client = new HttpClient(where, tools);
    this.authority = new HttpClient(authority, tools);
    this.path = `${where.path}/dataCollectionRules/${values.rule}/streams/${values.stream}?api-version=${API_VERSION}`;
    this.form = { format, formatVersion };
    const { client_id, scope, tenant } = values;
    const form = { grant_type: 'client_credentials', client_id, client_secret: credentials['client_secret'] ?? '', scope };
    const advice = 'Check tenant, application id and secret; secrets of applications end.';
    this.tokens = new OauthTokens({ client: this.authority, path: `${authority.path}/${tenant}/oauth2/v2.0/token`, form: () => Promise.resolve(form), advice }, tools);
  }

  async deliver(batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    const limit = this.values.max_field_bytes;
    const { items, rejected } = gathered(batch.events, (outgoing, cut) => this.row(outgoing, cut), (row) => longestColumn(row) <= limit);
    if (items.length === 0) return withRejected({ kind: 'delivered' }, rejected);
    const body = `[${items.join(',')}]`;
    if (Buffer.byteLength(body) > AZURE_CALL_BYTES) return { kind: 'unfit', reason: 'The batch is larger than the receiver takes at once.' };
    const send = (token: string): ReturnType<HttpClient['post']> =>
      this.client.post({ path: this.path, headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body, gzip: true }, signal);
    const answered = await sendWithToken(this.tokens, send, signal);
    return answered.ok ? withRejected(statusDelivery(answered.value, ADVICE), rejected) : answered.refusal;
  }

  async close(): Promise<void> {
    await Promise.all([this.client.close(), this.authority.close()]);
  }

  /** One row of the table; a column for what is searched most, the whole event in `Event`. */
  private row(outgoing: OutgoingEvent, cut: readonly string[]): string {
    const { stored } = outgoing;
    return JSON.stringify({
      TimeGenerated: stored.time,
      EventId: stored.eventId,
      Stream: stored.stream,
      Seq: stored.seq,
      EventType: stored.type,
      Outcome: stored.outcome,
      Hash: stored.hash,
      Truncated: cut.join(' '),
      Event: rendered(this.form, outgoing),
    });
  }
}

function longestColumn(row: string): number {
  const columns: unknown[] = Object.values(JSON.parse(row) as object);
  return Math.max(...columns.map((column) => (typeof column === 'string' ? Buffer.byteLength(column) : 0)));
}
