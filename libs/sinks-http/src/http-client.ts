import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { ok, refuse, type Result } from '@sallyport/kernel';
import { unlessAborted, type Delivery, type NetworkRefusal, type SinkTools } from '@sallyport/sinks';
import { Pool, type buildConnector, type Dispatcher } from 'undici';

import type { Where } from './connection-settings.js';
import { retryAfterMs } from './retry-after.js';

/** How much of an answer is read unless a sink says otherwise, bytes. */
export const ANSWER_BYTES = 65_536;

/** How long a request may take from the call to the end of what is read of its answer, milliseconds. */
export const REQUEST_DEADLINE_MS = 30_000;

/** How long the rest of an answer is waited for whose status says everything, milliseconds. */
export const REST_OF_ANSWER_MS = 1_000;

const SOCKETS = 2;
const compress = promisify(gzip);

/** A request. `path` is the whole path and query. */
export interface HttpRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** Whether the body goes out gzip-compressed. */
  readonly gzip?: boolean;
  /** Whether the answer's body is needed. Otherwise its status is the answer, and the body is only read to keep the connection. */
  readonly needsBody?: boolean;
  /** Bytes of the answer's body that are read; `ANSWER_BYTES` unless given. */
  readonly answerBytes?: number;
}

/** What came back, bounded. */
export interface HttpAnswer {
  readonly status: number;
  /** As it came, never decompressed: we ask for no compression. */
  readonly body: Buffer;
  /** Whether `body` is all of it. */
  readonly complete: boolean;
  readonly retryAfterMs?: number;
}

/**
 * One receiver over HTTP/1.1: own sockets from the guarded network, no redirects, no compressed answers, answers bounded in bytes and time.
 * Whatever prevents an answer is a `Delivery`.
 */
export class HttpClient {
  private readonly pool: Pool;
  private readonly closing = new AbortController();

  constructor(
    private readonly where: Where,
    private readonly tools: SinkTools,
  ) {
    this.pool = new Pool(where.origin, { connections: SOCKETS, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, connect: this.connector() });
  }

  /** Sends a POST and reads the answer. Never rejects. */
  async post(request: HttpRequest, signal: AbortSignal): Promise<Result<HttpAnswer, Delivery>> {
    const deadline = new AbortController();
    const callOff = this.tools.scheduler.after(REQUEST_DEADLINE_MS, () => deadline.abort());
    try {
      const answer = await this.dispatch(request, AbortSignal.any([signal, deadline.signal, this.closing.signal]));
      return ok(await this.read(answer, request));
    } catch (error) {
      return refuse(deadline.signal.aborted ? OUT_OF_TIME : failureOf(error, signal));
    } finally {
      callOff();
    }
  }

  /** Lets go of every socket, requests under way included. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.pool.destroy();
  }

  private async dispatch({ path, headers, body, gzip: compressed = false }: HttpRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const bytes = compressed ? await compress(body) : Buffer.from(body);
    const encoding = compressed ? { 'content-encoding': 'gzip' } : {};
    const request = this.pool.request({ method: 'POST', path, headers: { 'user-agent': 'sallyport', ...headers, ...encoding }, body: bytes, signal });
    // A pool that is still connecting does not hear the signal before it has.
    return unlessAborted(request, signal);
  }

  private async read(answer: Dispatcher.ResponseData, request: HttpRequest): Promise<HttpAnswer> {
    answer.body.on('error', () => undefined); // told by the loop below, or of no interest once it has ended
    const hurry = request.needsBody === true ? () => undefined : this.tools.scheduler.after(REST_OF_ANSWER_MS, () => void answer.body.destroy());
    const read = await readBounded(answer.body, request.answerBytes ?? ANSWER_BYTES);
    hurry();
    const wait = retryAfterMs(oneHeader(answer.headers['retry-after']), this.tools.clock.now());
    return { status: answer.statusCode, ...read, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
  }

  private connector(): buildConnector.connector {
    const { host, port, tls } = this.where;
    return (_options, callback) => {
      this.tools.network.connect({ host, port, tls }, this.closing.signal).then(
        (connection) => (connection.ok ? callback(null, connection.value) : callback(new NoConnection(connection.refusal), null)),
        () => callback(new Error('the network failed'), null),
      );
    };
  }
}

/** What a refusal of the network means for a delivery: what may not be reached waits for a person, everything else for later. */
export function deliveryOfRefusal(refusal: NetworkRefusal): Delivery {
  if (refusal.kind !== 'refused') return { kind: 'unavailable', reason: refusal.message };
  return { kind: 'paused', cause: 'config', reason: refusal.message, advice: "Change the sink's address, or have the operator of this machine allow it." };
}

class NoConnection extends Error {
  constructor(readonly refusal: NetworkRefusal) {
    super('no connection');
  }
}

const OUT_OF_TIME: Delivery = { kind: 'unavailable', reason: `The receiver did not answer within ${REQUEST_DEADLINE_MS / 1_000} s.` };

function failureOf(error: unknown, signal: AbortSignal): Delivery {
  if (error instanceof NoConnection) return deliveryOfRefusal(error.refusal);
  if (signal.aborted) return { kind: 'unavailable', reason: 'The receiver did not answer before the attempt was called off.' };
  return { kind: 'unavailable', reason: 'The connection broke before the receiver had answered.' };
}

/** Leaving the loop early destroys the stream, and with it the connection. */
async function readBounded(body: AsyncIterable<Buffer>, bound: number): Promise<{ readonly body: Buffer; readonly complete: boolean }> {
  const parts: Buffer[] = [];
  let bytes = 0;
  let complete = true;
  try {
    for await (const part of body) {
      parts.push(part);
      bytes += part.length;
      complete = bytes <= bound;
      if (!complete) break;
    }
  } catch {
    complete = false; // cut by the peer, by a deadline or by the caller: what was read is what there is
  }
  return { body: Buffer.concat(parts).subarray(0, bound), complete };
}

function oneHeader(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
