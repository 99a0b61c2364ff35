import { makeSinkType, optional, text, type Delivery, type OutgoingBatch, type OutgoingEvent, type Sink, type SinkConfiguration, type SinkTools, type ValuesOf } from '@sallyport/sinks';

import { TLS_CREDENTIALS, TLS_SETTINGS, shownAddress, commonProblems, url, whereOf } from './connection-settings.js';
import { HttpClient } from './http-client.js';
import { OauthTokens, sendWithToken } from './oauth-token.js';
import { growthOf, rendered, type Form } from './rendered.js';
import { assertionOf, readServiceAccount } from './service-account.js';
import { statusDelivery, type StatusAdvice } from './status-delivery.js';

/** A request of ImportLogs is kept below this, bytes. */
export const SECOPS_REQUEST_BYTES = 1_000_000;

const MAX_EVENTS = 500;
const ENTRY_BYTES = 640;
/** Base64 takes four characters for three bytes. */
const BASE64 = 4 / 3;
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/;
const ADVICE: StatusAdvice = {
  auth: 'Grant the service account the permission chronicle.logs.import on the instance.',
  address: 'Check project, region, instance, log type and forwarder.',
};
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

const SETTINGS = {
  project: text({ description: 'Google Cloud project of the instance.', pattern: NAME, wanted: 'the id of a project', maxLength: 64 }),
  region: text({ description: 'Region of the instance, such as us or europe.', pattern: /^[a-z0-9-]+$/, wanted: 'the name of a region', maxLength: 64 }),
  instance: text({ description: 'Id of the instance, which is the customer id.', pattern: NAME, wanted: 'an id', maxLength: 64 }),
  log_type: text({ description: 'Log type to import as; it must exist in the instance.', pattern: /^[A-Z0-9_]+$/, wanted: 'a log type such as SALLYPORT_CUSTOM', maxLength: 64 }),
  forwarder: text({ description: 'Id of the forwarder to import under.', pattern: NAME, wanted: 'an id', maxLength: 64 }),
  url: optional(url({ description: "Address of the service, instead of the region's own." })),
  ...TLS_SETTINGS,
} as const;
type SecopsValues = ValuesOf<typeof SETTINGS>;

/** Google Security Operations by ImportLogs. */
export const googleSecops = makeSinkType({
  name: 'google_secops',
  description: 'Google Security Operations (Chronicle), as raw logs.',
  settings: SETTINGS,
  credentials: [{ name: 'service_account', required: true, description: 'The JSON key file of a service account.' }, ...TLS_CREDENTIALS],
  formats: ['native', 'ocsf', 'ecs', 'cef', 'leef'],
  dedupes: false,
  resendMs: 0,
  examine: (values, configuration) => {
    const account = readServiceAccount(configuration.credentials['service_account'] ?? '');
    const own = account.ok ? [] : [{ pointer: '/credentials/service_account', message: account.refusal }];
    return [...commonProblems(addressOf(values), values, configuration), ...own];
  },
  bounds: (_values, { format }) => ({ maxEvents: MAX_EVENTS, maxBytes: Math.floor((SECOPS_REQUEST_BYTES - MAX_EVENTS * ENTRY_BYTES) / (BASE64 * growthOf(format))), maxEventBytes: null }),
  guarantee: () => 'at-least-once',
  destination: (values) => shownAddress(addressOf(values), `/instances/${values.instance}/logTypes/${values.log_type}`),
  open: (values, configuration, tools) => new SecopsSink(values, configuration, tools),
});

function addressOf({ url: own, region }: SecopsValues): string {
  return own ?? `https://chronicle.${region}.rep.googleapis.com`;
}

class SecopsSink implements Sink {
  private readonly client: HttpClient;
  private readonly authority: HttpClient;
  private readonly tokens: OauthTokens;
  private readonly path: string;
  private readonly forwarder: string;
  private readonly form: Form;

  constructor(
    values: SecopsValues,
    { credentials, format, formatVersion }: SinkConfiguration,
    private readonly tools: SinkTools,
  ) {
    const account = readServiceAccount(credentials['service_account'] ?? '');
    const tokenUri = account.ok ? account.value.tokenUri : addressOf(values);
    const where = whereOf(addressOf(values), values, credentials);
    const authority = whereOf(tokenUri, { ...values, tls_servername: null }, {});
    const instance = `projects/${values.project}/locations/${values.region}/instances/${values.instance}`;
    this.client = new HttpClient(where, tools);
    this.authority = new HttpClient(authority, tools);
    this.path = `${where.path}/v1alpha/${instance}/logTypes/${values.log_type}/logs:import`;
    this.forwarder = `${instance}/forwarders/${values.forwarder}`;
    this.form = { format, formatVersion };
    const form = async (): Promise<Readonly<Record<string, string>>> => ({ grant_type: JWT_BEARER, assertion: account.ok ? await assertionOf(account.value, tools.clock.now()) : '' });
    this.tokens = new OauthTokens({ client: this.authority, path: authority.path, form, advice: 'Give the sink a key of a service account that is enabled.' }, tools);
  }

  async deliver(batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    const logs = batch.events.map((outgoing) => this.log(outgoing));
    const body = JSON.stringify({ inlineSource: { logs, forwarder: this.forwarder } });
    if (Buffer.byteLength(body) > SECOPS_REQUEST_BYTES) return { kind: 'unfit', reason: 'The batch is larger than the receiver takes at once.' };
    const send = (token: string): ReturnType<HttpClient['post']> =>
      this.client.post({ path: this.path, headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body, gzip: true }, signal);
    const answered = await sendWithToken(this.tokens, send, signal);
    return answered.ok ? statusDelivery(answered.value, ADVICE) : answered.refusal;
  }

  async close(): Promise<void> {
    await Promise.all([this.client.close(), this.authority.close()]);
  }

  private log(outgoing: OutgoingEvent): object {
    const { stored } = outgoing;
    return {
      data: Buffer.from(rendered(this.form, outgoing)).toString('base64'),
      logEntryTime: stored.time,
      collectionTime: new Date(this.tools.clock.now()).toISOString(),
      labels: { event_id: { value: stored.eventId }, stream: { value: stored.stream }, seq: { value: String(stored.seq) } },
    };
  }
}
