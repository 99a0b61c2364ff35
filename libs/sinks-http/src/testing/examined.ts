import { generateKeyPairSync } from 'node:crypto';

import type { SinkConfiguration, SinkType } from '@sallyport/sinks';
import type { Ability, ExaminedSinkType } from '@sallyport/sinks/testing';

import { azureMonitor } from '../azure-monitor.js';
import { elasticsearch, opensearch } from '../bulk-sink-types.js';
import { datadog } from '../datadog.js';
import { googleSecops } from '../google-secops.js';
import { otlpHttp } from '../otlp-http.js';
import { splunkHec } from '../splunk-hec.js';
import { webhook } from '../webhook.js';
import { FAKE_CREDENTIALS, FakeAzure, FakeBulk, FakeDatadog, FakeOtlp, FakeSecops, FakeWebhook } from './fake-dialects.js';
import { FakeReceiver, type Dialect } from './fake-receiver.js';
import { FakeSplunk } from './fake-splunk.js';
import { sinkTools } from './sink-tools.js';

/** A kind of sink with the fake of its receiver. */
export interface FakedSink<Fake extends Dialect = Dialect> {
  readonly type: SinkType;
  readonly dialect: Fake;
  configuration(origin: string): SinkConfiguration;
}

/** What a fake over HTTP can be made to do. */
export const FAKE_ABILITIES: readonly Ability[] = ['hang', 'refuseCredentials', 'busy', 'poison'];

/** Splunk's HEC, without acknowledgement. */
export function fakedSplunk(settings: SinkConfiguration['settings'] = {}): FakedSink<FakeSplunk> {
  return { type: splunkHec, dialect: new FakeSplunk(), configuration: (url) => configured({ url, ...settings }, { token: FAKE_CREDENTIALS.hecToken }) };
}

/** Elasticsearch or OpenSearch. */
export function fakedBulk(type: SinkType = elasticsearch): FakedSink<FakeBulk> {
  const credentials = { password: FAKE_CREDENTIALS.password };
  return { type, dialect: new FakeBulk(), configuration: (url) => ({ ...configured({ url, username: 'sallyport' }, credentials), format: 'ecs' }) };
}

/** Datadog. */
export function fakedDatadog(): FakedSink<FakeDatadog> {
  return { type: datadog, dialect: new FakeDatadog(), configuration: (url) => configured({ url }, { api_key: FAKE_CREDENTIALS.datadogKey }) };
}

/** Azure Monitor and its authority. */
export function fakedAzure(settings: SinkConfiguration['settings'] = {}): FakedSink<FakeAzure> {
  const id = '0199c8b4-7777-7000-8000-000000000007';
  const own = { rule: `dcr-${'0'.repeat(32)}`, tenant: id, client_id: id };
  return { type: azureMonitor, dialect: new FakeAzure(), configuration: (url) => configured({ url, authority: url, ...own, ...settings }, { client_secret: FAKE_CREDENTIALS.azureSecret }) };
}

/** Google SecOps and its token service. */
export function fakedSecops(): FakedSink<FakeSecops> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const own = { project: 'p-1', region: 'us', instance: 'i-1', log_type: 'SALLYPORT_CUSTOM', forwarder: 'f-1' };
  const account = (origin: string): string =>
    JSON.stringify({ type: 'service_account', client_email: 'siem@p-1.iam.test', private_key_id: 'k1', private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }), token_uri: `${origin}/token` });
  return { type: googleSecops, dialect: new FakeSecops(), configuration: (url) => configured({ url, ...own }, { service_account: account(url) }) };
}

/** A webhook that is signed by HMAC. */
export function fakedWebhook(): FakedSink<FakeWebhook> {
  return { type: webhook, dialect: new FakeWebhook(), configuration: (url) => configured({ url: `${url}/hooks/audit` }, { secret: FAKE_CREDENTIALS.webhookSecret }) };
}

/** OTLP over HTTP, in JSON. */
export function fakedOtlp(): FakedSink<FakeOtlp> {
  return { type: otlpHttp, dialect: new FakeOtlp(), configuration: (url) => ({ ...configured({ url, encoding: 'json' }, { authorization: FAKE_CREDENTIALS.otlpAuthorization }), format: 'otlp' }) };
}

/** Every kind of sink over HTTP/1.1 with a fake, by name. */
export const FAKED_SINKS: Readonly<Record<string, () => FakedSink>> = {
  splunk_hec: fakedSplunk,
  elasticsearch: () => fakedBulk(elasticsearch),
  opensearch: () => fakedBulk(opensearch),
  datadog: fakedDatadog,
  azure_monitor: fakedAzure,
  google_secops: fakedSecops,
  webhook: fakedWebhook,
  otlp_http: fakedOtlp,
};

/** Starts the fake, for the exam of sinks. */
export async function examined({ type, dialect, configuration }: FakedSink): Promise<ExaminedSinkType & { readonly receiver: FakeReceiver }> {
  const receiver = await FakeReceiver.start(dialect);
  return { type, configuration: configuration(receiver.origin), tools: sinkTools(), receiver };
}

function configured(settings: SinkConfiguration['settings'], credentials: SinkConfiguration['credentials']): SinkConfiguration {
  return { settings, credentials, format: 'native', formatVersion: null };
}
