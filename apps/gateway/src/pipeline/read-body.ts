import type { IncomingMessage } from 'node:http';

/** Why a body was not taken. `gone`: the client hung up before it was whole. */
export type BodyRefusal = 'too_large' | 'content_type' | 'content_encoding' | 'gone';

/**
 * Takes a request's body whole, never holding more than `maxBytes`. What exceeds it is refused at once, by its announced
 * length or at the first byte too many; the rest is then not read.
 */
export function readBody(request: IncomingMessage, headers: BodyHeaders, maxBytes: number): Promise<Buffer | BodyRefusal> | BodyRefusal {
  if (headers.contentEncoding !== null && headers.contentEncoding.toLowerCase() !== 'identity') return 'content_encoding';
  if (!isJson(headers.contentType)) return 'content_type';
  if (headers.contentLength !== null && Number(headers.contentLength) > maxBytes) return 'too_large';
  return new Promise((settle) => new BodyReader(request, maxBytes, settle));
}

/** What a request says about its body. */
export interface BodyHeaders {
  readonly contentType: string | null;
  readonly contentLength: string | null;
  readonly contentEncoding: string | null;
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

  constructor(
    private readonly request: IncomingMessage,
    private readonly maxBytes: number,
    private readonly settle: (body: Buffer | BodyRefusal) => void,
  ) {
    request.on('data', this.take);
    request.once('end', this.finish);
    request.once('close', this.lose);
    request.once('error', this.lose);
  }

  private readonly take = (chunk: Buffer): void => {
    this.size += chunk.length;
    if (this.size > this.maxBytes) {
      this.request.off('data', this.take);
      this.request.pause();
      this.settle('too_large');
    } else if (this.first === undefined) this.first = chunk;
    else (this.rest ??= [this.first]).push(chunk);
  };

  private readonly finish = (): void => {
    this.settle(this.rest === undefined ? (this.first ?? EMPTY) : Buffer.concat(this.rest, this.size));
  };

  private readonly lose = (): void => this.settle('gone');
}

const EMPTY = Buffer.alloc(0);
