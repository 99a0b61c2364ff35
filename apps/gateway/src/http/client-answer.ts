import type { ServerResponse } from 'node:http';

/** An answer that is whole before its first byte leaves. */
export interface WholeAnswer {
  readonly status: number;
  readonly contentType?: string;
  readonly body?: string | Buffer;
  /** Further headers, names and values. */
  readonly headers?: Readonly<Record<string, string | number>>;
}

const JSON_TYPE = 'application/json';
/** Up to here bytes are handed over as a string of the same bytes: Node then sends head and body in one write instead of two. */
const ONE_WRITE_BYTES = 16_384;
const SANE_REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** What of an `X-Request-Id` may be kept and echoed: a token of at most 128 characters; anything else counts as absent. */
export function saneRequestId(header: string | null): string | null {
  return header !== null && SANE_REQUEST_ID.test(header) ? header : null;
}

/** Writes an answer in one piece. Does nothing when the client is gone or was answered already. */
export function answer(response: ServerResponse, requestId: string | null, whole: WholeAnswer): void {
  if (response.headersSent || response.destroyed) return;
  const { body } = whole;
  const headers = ['cache-control', 'no-store', 'content-length', String(bytesOf(body))];
  if (body !== undefined) headers.push('content-type', whole.contentType ?? JSON_TYPE);
  if (requestId !== null) headers.push('x-request-id', requestId);
  if (whole.headers !== undefined) for (const name in whole.headers) headers.push(name, String(whole.headers[name]));
  response.writeHead(whole.status, headers);
  if (Buffer.isBuffer(body) && body.length <= ONE_WRITE_BYTES) response.end(body.toString('latin1'), 'latin1');
  else response.end(body);
}

function bytesOf(body: string | Buffer | undefined): number {
  if (body === undefined) return 0;
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length;
}

/** Opens a server-sent event stream towards the client, unbuffered by proxies on the way. */
export function openEventStream(response: ServerResponse, requestId: string | null, headers: Readonly<Record<string, string>> = {}): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    ...(requestId === null ? {} : { 'x-request-id': requestId }),
    ...headers,
  });
  response.flushHeaders();
}
