import { makeSinkType, type Delivery, type OutgoingBatch, type Sink, type SinkConfiguration, type SinkTools } from '@sallyport/sinks';

import { shownAddress, whereOf } from './connection-settings.js';
import { GrpcClient, type GrpcAnswer } from './grpc-client.js';
import { otlpProtobuf, rejectedInProtobuf } from './otlp-request.js';
import { OTLP_BOUNDS, OTLP_CREDENTIALS, OTLP_GUARANTEE, OTLP_MESSAGE_BYTES, OTLP_SETTINGS, otlpHeaders, otlpProblems, partialDelivery, refusedForGood, type OtlpValues } from './otlp-settings.js';

const EXPORT = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';

/** OTLP logs over gRPC. */
export const otlpGrpc = makeSinkType({
  name: 'otlp_grpc',
  description: 'An OpenTelemetry receiver of logs over gRPC.',
  settings: OTLP_SETTINGS,
  credentials: OTLP_CREDENTIALS,
  formats: ['otlp'],
  dedupes: false,
  resendMs: 0,
  examine: (values, configuration) => [...otlpProblems(values, configuration), ...(new URL(values.url).pathname === '/' ? [] : [{ pointer: '/settings/url', message: 'Leave out the path: gRPC has its own.' }])],
  bounds: () => OTLP_BOUNDS,
  guarantee: () => OTLP_GUARANTEE,
  destination: (values) => shownAddress(values.url),
  open: (values, configuration, tools) => new OtlpGrpcSink(values, configuration, tools),
});

class OtlpGrpcSink implements Sink {
  private readonly client: GrpcClient;
  private readonly metadata: Readonly<Record<string, string>>;

  constructor(
    private readonly values: OtlpValues,
    { credentials }: SinkConfiguration,
    tools: SinkTools,
  ) {
    this.client = new GrpcClient(whereOf(values.url, values, credentials), tools);
    this.metadata = otlpHeaders(values, credentials);
  }

  async deliver({ events }: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    const message = otlpProtobuf(events);
    if (message.length > OTLP_MESSAGE_BYTES) return { kind: 'unfit', reason: 'The batch is larger than receivers take at once.' };
    const answered = await this.client.call({ path: EXPORT, metadata: this.metadata, message, gzip: this.values.compression === 'gzip' }, signal);
    return answered.ok ? grpcDelivery(answered.value, events.length) : answered.refusal;
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

const OK = 0;
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const UNIMPLEMENTED = 12;
/** CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS. */
const RETRYABLE: ReadonlySet<number> = new Set([1, 4, 10, 11, 14, 15]);
/** PERMISSION_DENIED, UNAUTHENTICATED. */
const BARRED: ReadonlySet<number> = new Set([7, 16]);

/** OTLP, "Failures" of gRPC: RESOURCE_EXHAUSTED is sent again only where the server says when; without that the request may be too large. */
function grpcDelivery({ status, message, retryAfterMs }: GrpcAnswer, count: number): Delivery {
  const reason = `The receiver answered gRPC status ${status}`;
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === OK) return partialDelivery(count, (message === null ? null : rejectedInProtobuf(message)) ?? 0);
  if (RETRYABLE.has(status) || (status === RESOURCE_EXHAUSTED && retryAfterMs !== undefined)) return { kind: 'unavailable', reason: `${reason}.`, ...wait };
  if (BARRED.has(status)) return { kind: 'paused', cause: 'auth', reason: `${reason}: it does not accept the credential.`, advice: 'Give the sink the credential that the receiver wants, as `authorization` or as a header of its own.' };
  if (status === UNIMPLEMENTED) return { kind: 'paused', cause: 'config', reason: `${reason}: it takes no logs at this address.`, advice: 'Give the address of a gRPC receiver of OTLP that takes logs.' };
  if (status === INVALID_ARGUMENT || status === RESOURCE_EXHAUSTED) return { kind: 'unfit', reason: `${reason}.` };
  return refusedForGood(count, `${reason}, after which OTLP forbids to send again.`);
}
