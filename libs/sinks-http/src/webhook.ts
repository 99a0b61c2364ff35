import { ok, refuse, type Result } from '@sallyport/kernel';
import {
  choice,
  makeSinkType,
  type Delivery,
  type OutgoingBatch,
  type OwnershipProblem,
  type SettingProblem,
  type Sink,
  type SinkConfiguration,
  type SinkTools,
  type ValuesOf,
} from '@sallyport/sinks';

import { TLS_CREDENTIALS, TLS_SETTINGS, headerProblems, shownAddress, commonProblems, url, whereOf } from './connection-settings.js';
import { HttpClient, type HttpAnswer } from './http-client.js';
import { growthOf, rendered, type Form } from './rendered.js';
import { statusDelivery, type StatusAdvice } from './status-delivery.js';
import { echoes } from './webhook-echo.js';
import { webhookSigner, type WebhookSigner } from './webhook-signature.js';

const KEYS = ['signing_key', 'previous_signing_key', 'secret', 'previous_secret'] as const;
const MAX_EVENTS = 500;
const MAX_BODY_BYTES = 1_048_576;

const ADVICE: StatusAdvice = {
  auth: "Let the receiver's own sign-in pass requests of this sink: give `authorization`, or change what it expects.",
  address: 'Give the address at which the receiver takes webhooks.',
};

const SETTINGS = {
  url: url({ description: 'Address that takes the webhooks.' }),
  compression: choice({ description: 'Compression of what is sent; the signature is over the uncompressed bytes.', of: ['none', 'gzip'], fallback: 'none' }),
  ...TLS_SETTINGS,
} as const;

/** Standard Webhooks: batches as NDJSON, one id for each batch, signed by ed25519, by HMAC-SHA256, or by both while a key is exchanged. */
export const webhook = makeSinkType({
  name: 'webhook',
  description: 'An HTTP address of your own, with signed requests after Standard Webhooks.',
  settings: SETTINGS,
  credentials: [
    { name: 'signing_key', required: false, description: 'The ed25519 key to sign with, `whsk_…`, made by `sallyport sink webhook-key FILE`: the receiver gets only its public half and cannot forge. Preferred.' },
    { name: 'previous_signing_key', required: false, description: 'The key before it, signed with as well until every receiver has the new one.' },
    { name: 'secret', required: false, description: 'A secret shared with the receiver, `whsec_…`, for receivers that know HMAC-SHA256 only.' },
    { name: 'previous_secret', required: false, description: 'The secret before it, signed with as well until every receiver has the new one.' },
    { name: 'authorization', required: false, description: 'The whole value of an Authorization header, where the receiver wants one.' },
    ...TLS_CREDENTIALS,
  ],
  formats: ['native', 'ocsf', 'ecs'],
  dedupes: false,
  resendMs: 0,
  ownership: 'echo',
  keepsBatches: true,
  examine: (values, configuration) => [...commonProblems(values.url, values, configuration), ...headerProblems(configuration.credentials, ['authorization']), ...keyProblems(configuration.credentials)],
  bounds: (_values, { format }) => ({ maxEvents: MAX_EVENTS, maxBytes: Math.floor(MAX_BODY_BYTES / growthOf(format)), maxEventBytes: null }),
  guarantee: () => 'at-least-once',
  destination: (values) => shownAddress(values.url),
  open: (values, configuration, tools) => new WebhookSink(values, configuration, tools),
});

class WebhookSink implements Sink {
  private readonly client: HttpClient;
  private readonly path: string;
  private readonly form: Form;
  private readonly signers: readonly WebhookSigner[];
  private readonly authorization: Readonly<Record<string, string>>;

  constructor(
    private readonly values: ValuesOf<typeof SETTINGS>,
    { credentials, format, formatVersion }: SinkConfiguration,
    private readonly tools: SinkTools,
  ) {
    const where = whereOf(values.url, values, credentials);
    this.client = new HttpClient(where, tools);
    this.path = where.path === '' ? '/' : where.path;
    this.form = { format, formatVersion };
    this.signers = KEYS.flatMap((name) => webhookSigner(credentials[name] ?? '') ?? []);
    this.authorization = credentials['authorization'] === undefined ? {} : { authorization: credentials['authorization'] };
  }

  async deliver(batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    const body = Buffer.from(batch.events.map((outgoing) => `${rendered(this.form, outgoing)}\n`).join(''));
    const answered = await this.post({ id: batch.batchId, body, headers: { 'content-type': 'application/x-ndjson', ...batchHeaders(batch) } }, signal);
    return answered.ok ? webhookDelivery(answered.value) : answered.refusal;
  }

  /** Asks the receiver to say a token back: whoever operates it has then set it up for this sink. */
  async prove(token: string, signal: AbortSignal): Promise<Result<void, OwnershipProblem>> {
    const body = Buffer.from(JSON.stringify({ type: 'sallyport.challenge', challenge: token }));
    const answered = await this.post({ id: `challenge-${this.tools.sinkId}`, body, headers: { 'content-type': 'application/json' } }, signal);
    if (!answered.ok) return refuse(problemOf(answered.refusal));
    const delivery = webhookDelivery(answered.value);
    if (delivery.kind !== 'delivered') return refuse(problemOf(delivery));
    return echoes(answered.value, token) ? ok(undefined) : refuse({ reason: 'The receiver answered, but did not say the challenge back.', advice: ECHO });
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private post(message: { readonly id: string; readonly body: Buffer; readonly headers: Readonly<Record<string, string>> }, signal: AbortSignal): Promise<Result<HttpAnswer, Delivery>> {
    const { id, body, headers } = message;
    const timestampSeconds = Math.floor(this.tools.clock.now() / 1_000);
    const signature = this.signers.map((signed) => signed({ id, timestampSeconds, body })).join(' ');
    const standard = { 'webhook-id': id, 'webhook-timestamp': String(timestampSeconds), 'webhook-signature': signature };
    const needsBody = headers['content-type'] === 'application/json';
    return this.client.post({ path: this.path, headers: { ...headers, ...this.authorization, ...standard }, body, gzip: this.values.compression === 'gzip', needsBody }, signal);
  }
}

const ECHO = 'Let the receiver answer a body of type "sallyport.challenge" with the value of its `challenge`, as text or as the same member of a JSON object.';

function webhookDelivery(answer: HttpAnswer): Delivery {
  if (answer.status !== 410) return statusDelivery(answer, ADVICE);
  return { kind: 'paused', cause: 'gone', reason: 'The receiver answered HTTP 410: it wants no more webhooks.', advice: 'Remove the sink, or resume it once the receiver takes webhooks again.' };
}

function problemOf(delivery: Delivery): OwnershipProblem {
  if (delivery.kind === 'paused') return { reason: delivery.reason, advice: delivery.advice };
  return { reason: delivery.kind === 'unavailable' || delivery.kind === 'unfit' ? delivery.reason : 'The receiver did not take the challenge.', advice: ECHO };
}

/** Where the batch lies in its stream, and the newest signed head, so that a receiver can tell a gap and a fork by itself. */
function batchHeaders({ events, replay, checkpoint }: OutgoingBatch): Readonly<Record<string, string>> {
  const [first, last] = [events[0]?.stored, events.at(-1)?.stored];
  if (first === undefined || last === undefined) return {};
  return {
    'sallyport-stream': first.stream,
    'sallyport-first-seq': String(first.seq),
    'sallyport-last-seq': String(last.seq),
    ...(replay ? { 'sallyport-replay': 'true' } : {}),
    ...(checkpoint === null ? {} : { 'sallyport-checkpoint': Buffer.from(checkpoint).toString('base64') }),
  };
}

function keyProblems(credentials: SinkConfiguration['credentials']): readonly SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (credentials['signing_key'] === undefined && credentials['secret'] === undefined) {
    problems.push({ pointer: '/credentials/signing_key', message: 'Write an ed25519 key, `whsk_…`, or a shared secret, `whsec_…`, as `secret`: a request must be signed.' });
  }
  for (const name of KEYS) {
    const key = credentials[name];
    const prefix = name.endsWith('signing_key') ? 'whsk_' : 'whsec_';
    if (key !== undefined && (!key.startsWith(prefix) || webhookSigner(key) === null)) problems.push({ pointer: `/credentials/${name}`, message: FORM_OF[prefix] });
  }
  return problems;
}

const FORM_OF = {
  whsk_: 'Write `whsk_` and the base64 of an ed25519 key: its seed of 32 bytes, or seed and public key.',
  whsec_: 'Write `whsec_` and the base64 of 24 to 64 random bytes.',
} as const;
