import type { IncomingMessage } from 'node:http';

import type { HeaderView } from '@sallyport/mcp-protocol';

/** Why a body was not taken. */
export type BodyRefusal = 'too_large' | 'content_type' | 'content_encoding';

/**
 * Takes a request's body whole, never holding more than `maxBytes`. What exceeds it is refused at once, by its announced
 * length or at the first byte too many; the rest is then not read.
 *
 * @param taken called once, perhaps before this returns; never when the client hangs up before its body is whole.
 */
export function readBody(from: { readonly request: IncomingMessage; readonly headers: HeaderView }, maxBytes: number, taken: (body: Buffer | BodyRefusal) => void): void {
  const { contentEncoding, contentType, contentLength } = from.headers;
  if (contentEncoding !== null && contentEncoding.toLowerCase() !== 'identity') taken('content_encoding');
  else if (!isJson(contentType)) taken('content_type');
  else if (contentLength !== null && Number(contentLength) > maxBytes) taken('too_large');
  else new BodyReader(from.request, maxBytes, taken).start();
}

function isJson(contentType: string | null): boolean {
  if (contentType === JSON_TYPE) return true;
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === JSON_TYPE;
}

const JSON_TYPE = 'application/json';

class BodyReader {
  private first: Buffer | undefined;
  private rest: Buffer[] | undefined;
  private size = 0;
  private over = false;

  constructor(
    private readonly request: IncomingMessage,
    private readonly maxBytes: number,
    private readonly taken: (body: Buffer | BodyRefusal) => void,
  ) {}

  start(): void {
    this.request.on('data', (chunk: Buffer) => this.take(chunk));
    this.request.on('end', () => this.finish(this.rest === undefined ? (this.first ?? EMPTY) : Buffer.concat(this.rest, this.size)));
  }

  private take(chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size > this.maxBytes) {
      this.request.pause();
      this.finish('too_large');
    } else if (this.first === undefined) this.first = chunk;
    else (this.rest ??= [this.first]).push(chunk);
  }

  private finish(body: Buffer | BodyRefusal): void {
    if (this.over) return;
    this.over = true;
    this.taken(body);
  }
}

const EMPTY = Buffer.alloc(0);
