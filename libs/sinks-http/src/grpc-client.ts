import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { ok, refuse, type Result } from '@sallyport/kernel';
import type { Delivery, SinkTools } from '@sallyport/sinks';

import type { Where } from './connection-settings.js';
import { retryDelayMs } from './grpc-retry-info.js';
import { ANSWER_BYTES, REQUEST_DEADLINE_MS, deliveryOfRefusal } from './http-client.js';

/** One unary call. */
export interface GrpcRequest {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly message: Uint8Array;
  readonly gzip: boolean;
}

/** How a call ended. */
export interface GrpcAnswer {
  /** The status code of gRPC; what HTTP alone said is translated. */
  readonly status: number;
  /** The message of an answer that was wholly read. */
  readonly message: Buffer | null;
  /** What the server's RetryInfo asks for, capped. */
  readonly retryAfterMs?: number;
}

const compress = promisify(gzip);
const FRAME_HEAD = 5;

/** One receiver over gRPC: HTTP/2 on a socket of the guarded network. What prevents an answer is a `Delivery`. */
export class GrpcClient {
  private session: ClientHttp2Session | null = null;
  private readonly closing = new AbortController();

  constructor(
    private readonly where: Where,
    private readonly tools: SinkTools,
  ) {}

  /** Calls and waits for status and message. Never rejects. */
  async call(request: GrpcRequest, signal: AbortSignal): Promise<Result<GrpcAnswer, Delivery>> {
    const deadline = new AbortController();
    const callOff = this.tools.scheduler.after(REQUEST_DEADLINE_MS, () => deadline.abort());
    const stop = AbortSignal.any([signal, deadline.signal, this.closing.signal]);
    try {
      const session = await this.connected(stop);
      if (!session.ok) return session;
      const answer = await exchange(session.value, await framed(request), stop);
      if (answer === null) this.drop();
      return answer === null ? refuse(deadline.signal.aborted ? OUT_OF_TIME : BROKEN) : ok(answer);
    } finally {
      callOff();
    }
  }

  /** Lets go of the connection, calls under way included. */
  async close(): Promise<void> {
    this.closing.abort();
    this.drop();
  }

  private async connected(stop: AbortSignal): Promise<Result<ClientHttp2Session, Delivery>> {
    if (this.session !== null && !this.session.closed && !this.session.destroyed) return ok(this.session);
    const { host, port, tls, origin } = this.where;
    const connection = await this.tools.network.connect({ host, port, tls: tls === null ? null : { ...tls, alpn: ['h2'] } }, stop);
    if (!connection.ok) return refuse(deliveryOfRefusal(connection.refusal));
    const socket = connection.value;
    if (stop.aborted || (socket instanceof TLSSocket && socket.alpnProtocol !== 'h2')) {
      socket.destroy();
      return refuse(stop.aborted ? BROKEN : NO_HTTP2);
    }
    const session = connect(origin, { createConnection: () => socket, settings: { enablePush: false }, maxSessionMemory: 4 });
    session.on('error', () => undefined); // the calls under way are told by their own streams
    this.session = session;
    return ok(session);
  }

  /** A connection on which a call failed is not used again. */
  private drop(): void {
    this.session?.destroy();
    this.session = null;
  }
}

const OUT_OF_TIME: Delivery = { kind: 'unavailable', reason: `The receiver did not answer within ${REQUEST_DEADLINE_MS / 1_000} s.` };
const BROKEN: Delivery = { kind: 'unavailable', reason: 'The connection ended before the receiver had answered.' };
const NO_HTTP2: Delivery = { kind: 'paused', cause: 'config', reason: 'The receiver does not speak HTTP/2, which gRPC needs.', advice: 'Give the address of the gRPC receiver, or use a sink of type otlp_http.' };

interface Framed {
  readonly headers: Readonly<Record<string, string>>;
  readonly frame: Buffer;
}

async function framed({ path, metadata, message, gzip: compressed }: GrpcRequest): Promise<Framed> {
  const bytes = compressed ? await compress(message) : Buffer.from(message);
  const head = Buffer.alloc(FRAME_HEAD);
  head.writeUInt8(compressed ? 1 : 0, 0);
  head.writeUInt32BE(bytes.length, 1);
  const encoding = compressed ? { 'grpc-encoding': 'gzip' } : {};
  const protocol = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc+proto', te: 'trailers', 'user-agent': 'sallyport', 'grpc-timeout': `${REQUEST_DEADLINE_MS}m` };
  return { headers: { ...metadata, ...protocol, ...encoding }, frame: Buffer.concat([head, bytes]) };
}

/** Null when there was no answer: the stream broke, or `stop` aborted. */
function exchange(session: ClientHttp2Session, { headers, frame }: Framed, stop: AbortSignal): Promise<GrpcAnswer | null> {
  if (stop.aborted || session.closed || session.destroyed) return Promise.resolve(null);
  return new Promise((resolve) => {
    const stream = session.request(headers);
    const cancel = (): void => stream.close(constants.NGHTTP2_CANCEL);
    const reading = readingOf(stream);
    stream.once('close', () => {
      stop.removeEventListener('abort', cancel);
      resolve(stop.aborted ? null : reading());
    });
    stop.addEventListener('abort', cancel, { once: true });
    stream.end(frame);
  });
}

/** Collects headers, trailers and a bounded message; a longer one ends the stream. */
function readingOf(stream: ClientHttp2Stream): () => GrpcAnswer | null {
  let said: IncomingHttpHeaders = {};
  const parts: Buffer[] = [];
  let bytes = 0;
  const hear = (headers: IncomingHttpHeaders): void => {
    said = { ...said, ...headers };
    // An answer whose status is all it has may leave its stream open; nothing more is wanted of it.
    if (headers['grpc-status'] !== undefined) stream.close(constants.NGHTTP2_NO_ERROR);
  };
  stream.on('response', hear).on('trailers', hear).on('error', () => undefined);
  stream.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes > ANSWER_BYTES) stream.close(constants.NGHTTP2_CANCEL);
    else parts.push(part);
  });
  return () => answerOf(said, Buffer.concat(parts));
}

function answerOf(said: IncomingHttpHeaders, body: Buffer): GrpcAnswer | null {
  const status = statusOf(said);
  if (status === null) return null;
  const wait = retryDelayMs(said['grpc-status-details-bin']);
  return { status, message: messageOf(body), ...(wait === null ? {} : { retryAfterMs: wait }) };
}

/** The code that gRPC gave; without one, what HTTP said in its place (gRPC, "HTTP to gRPC Status Code Mapping"). */
function statusOf(said: IncomingHttpHeaders): number | null {
  const code = said['grpc-status'];
  if (typeof code === 'string' && /^\d{1,3}$/.test(code)) return Number(code);
  const http = Number(said[':status'] ?? HTTP_OK);
  return http === HTTP_OK ? null : (OF_HTTP[http] ?? UNKNOWN);
}

const HTTP_OK = 200;
const UNKNOWN = 2;
const OF_HTTP: Readonly<Record<number, number>> = { 400: 13, 401: 16, 403: 7, 404: 12, 429: 14, 502: 14, 503: 14, 504: 14 };

/** A message that is compressed, though we said that we take none, cannot be read. */
function messageOf(body: Buffer): Buffer | null {
  if (body.length < FRAME_HEAD || body[0] !== 0) return null;
  const length = body.readUInt32BE(1);
  return body.length === FRAME_HEAD + length ? body.subarray(FRAME_HEAD) : null;
}
