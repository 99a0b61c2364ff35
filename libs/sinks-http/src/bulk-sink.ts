import type { Delivery, OutgoingBatch, OutgoingEvent, Sink, SinkConfiguration, SinkTools } from '@sallyport/sinks';

import { bulkDelivery } from './bulk-answer.js';
import { whereOf } from './connection-settings.js';
import { HttpClient } from './http-client.js';
import { rendered, type Form } from './rendered.js';

/** A request of `_bulk` is kept below this, bytes before compression. */
export const BULK_POST_BYTES = 5 * 1_048_576;

/** So many events, so that even an answer that refuses each of them stays within what is read of it. */
export const BULK_EVENTS = 1_000;

const BULK_ANSWER_BYTES = 1_048_576;

/** Only what is read of the answer: each item's status, and why it was refused. */
const FILTER = 'filter_path=items.*.status,items.*.error.type,items.*.error.reason';

/** What was read of the settings. */
export interface BulkValues {
  readonly url: string;
  readonly index: string;
  readonly username: string | null;
  readonly compression: 'gzip' | 'none';
  readonly tls_ca: string | null;
  readonly tls_servername: string | null;
}

/**
 * Writes events by `create` under their own `event_id`: an event that is there already is told by 409 and counts as delivered. Data streams take
 * nothing but `create`, plain indexes take it as well.
 */
export class BulkSink implements Sink {
  private readonly client: HttpClient;
  private readonly path: string;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly form: Form;

  constructor(
    private readonly values: BulkValues,
    { credentials, format, formatVersion }: SinkConfiguration,
    tools: SinkTools,
  ) {
    const where = whereOf(values.url, values, credentials);
    this.client = new HttpClient(where, tools);
    this.path = `${where.path}/${encodeURIComponent(values.index)}/_bulk?${FILTER}`;
    this.headers = { 'content-type': 'application/x-ndjson', ...authorization(values, credentials) };
    this.form = { format, formatVersion };
  }

  async deliver(batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    const body = batch.events.map((outgoing) => this.action(outgoing)).join('');
    if (Buffer.byteLength(body) > BULK_POST_BYTES) return { kind: 'unfit', reason: 'The batch is larger than the receiver takes at once.' };
    const gzip = this.values.compression === 'gzip';
    const answered = await this.client.post({ path: this.path, headers: this.headers, body, gzip, needsBody: true, answerBytes: BULK_ANSWER_BYTES }, signal);
    return answered.ok ? bulkDelivery(answered.value, batch.events.length) : answered.refusal;
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private action(outgoing: OutgoingEvent): string {
    return `${JSON.stringify({ create: { _id: outgoing.stored.eventId } })}\n${this.document(outgoing)}\n`;
  }

  /** A document of a data stream must have `@timestamp`, which only ECS brings along. */
  private document(outgoing: OutgoingEvent): string {
    const line = rendered(this.form, outgoing);
    return this.form.format === 'ecs' ? line : `{"@timestamp":${JSON.stringify(outgoing.stored.time)},${line.slice(1)}`;
  }
}

function authorization({ username }: BulkValues, credentials: SinkConfiguration['credentials']): Readonly<Record<string, string>> {
  const { password, api_key: apiKey, bearer_token: bearer } = credentials;
  if (apiKey !== undefined) return { authorization: `ApiKey ${apiKey}` };
  if (bearer !== undefined) return { authorization: `Bearer ${bearer}` };
  if (username === null || password === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}
