import { isJsonObject } from '@sallyport/kernel';
import { choice, makeSinkType, type Delivery, type OutgoingBatch, type Sink, type SinkConfiguration, type SinkTools, type ValuesOf } from '@sallyport/sinks';

import { shownAddress, whereOf } from './connection-settings.js';
import { HttpClient, type HttpAnswer, type HttpRequest } from './http-client.js';
import { jsonAnswer } from './json-answer.js';
import { otlpJson, otlpProtobuf, rejectedInProtobuf } from './otlp-request.js';
import { OTLP_BOUNDS, OTLP_CREDENTIALS, OTLP_GUARANTEE, OTLP_MESSAGE_BYTES, OTLP_SETTINGS, otlpHeaders, otlpProblems, partialDelivery, refusedForGood } from './otlp-settings.js';
import { later, statusDelivery, type StatusAdvice } from './status-delivery.js';

const LOGS_PATH = '/v1/logs';
const ADVICE: StatusAdvice = {
  auth: 'Give the sink the credential that the receiver wants, as `authorization` or as a header of its own.',
  address: 'Give the address of the OTLP receiver without /v1/logs, and check that it takes logs.',
};

const SETTINGS = { ...OTLP_SETTINGS, encoding: choice({ description: 'How requests are written.', of: ['protobuf', 'json'], fallback: 'protobuf' }) } as const;
type OtlpHttpValues = ValuesOf<typeof SETTINGS>;

/** OTLP logs over HTTP. */
export const otlpHttp = makeSinkType({
  name: 'otlp_http',
  description: 'An OpenTelemetry receiver of logs over HTTP.',
  settings: SETTINGS,
  credentials: OTLP_CREDENTIALS,
  formats: ['otlp'],
  dedupes: false,
  resendMs: 0,
  examine: (values, configuration) => otlpProblems(values, configuration),
  bounds: () => OTLP_BOUNDS,
  guarantee: () => OTLP_GUARANTEE,
  destination: (values) => shownAddress(values.url, LOGS_PATH),
  open: (values, configuration, tools) => new OtlpHttpSink(values, configuration, tools),
});

class OtlpHttpSink implements Sink {
  private readonly client: HttpClient;
  private readonly path: string;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    private readonly values: OtlpHttpValues,
    { credentials }: SinkConfiguration,
    tools: SinkTools,
  ) {
    const where = whereOf(values.url, values, credentials);
    this.client = new HttpClient(where, tools);
    this.path = `${where.path}${LOGS_PATH}`;
    this.headers = otlpHeaders(values, credentials);
  }

  async deliver(batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    const request = this.request(batch);
    if (Buffer.byteLength(request.body) > OTLP_MESSAGE_BYTES) return { kind: 'unfit', reason: 'The batch is larger than receivers take at once.' };
    const answered = await this.client.post(request, signal);
    return answered.ok ? otlpDelivery(answered.value, batch.events.length) : answered.refusal;
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private request({ events }: OutgoingBatch): HttpRequest {
    const { encoding, compression } = this.values;
    const body = encoding === 'json' ? otlpJson(events) : otlpProtobuf(events);
    const type = encoding === 'json' ? 'application/json' : 'application/x-protobuf';
    return { path: this.path, headers: { ...this.headers, 'content-type': type }, body, gzip: compression === 'gzip', needsBody: true };
  }
}

const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** OTLP, "Failures": 429, 502, 503 and 504 again, nothing else; a request that failed otherwise must not be sent again as it was. */
function otlpDelivery(answer: HttpAnswer, count: number): Delivery {
  const { status } = answer;
  if (status === 200) return successDelivery(answer, count);
  if (RETRYABLE.has(status)) return later(answer, `The receiver answered HTTP ${status}.`);
  if (status >= 500 || status === 408 || status === 425) return refusedForGood(count, `The receiver answered HTTP ${status}, after which OTLP forbids to send again.`);
  return statusDelivery(answer, ADVICE);
}

function successDelivery(answer: HttpAnswer, count: number): Delivery {
  const rejected = rejectedIn(answer);
  return rejected === null ? { kind: 'delivered' } : partialDelivery(count, rejected);
}

/** Null for a body that says nothing: the status alone acknowledges then. */
function rejectedIn(answer: HttpAnswer): number | null {
  const json = jsonAnswer(answer);
  if (json === null) return answer.complete ? rejectedInProtobuf(answer.body) : null;
  const partial = json['partialSuccess'];
  return isJsonObject(partial) ? Number(partial['rejectedLogRecords'] ?? 0) : null;
}
