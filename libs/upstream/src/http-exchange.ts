import type { Dispatcher } from 'undici';

import { kindOfError } from './error-kind.js';
import type { UpstreamCall, UpstreamErrorKind, UpstreamHandler } from './upstream-call.js';

/**
 * One request and its answer on undici's raw handler interface: the one that builds no object per header and the only one that tells when
 * bytes were handed over. In undici 7 `onConnect` runs inside `writeH1`, synchronously before `socket.write` of the head and the body: so what
 * `beforeSend` sees is true when the bytes leave, and throwing there sends nothing and keeps the connection.
 */
export class HttpExchange implements Dispatcher.DispatchHandler, UpstreamCall {
  sent = false;
  private over = false;
  private cut: ((reason?: Error) => void) | undefined;
  private read: (() => void) | undefined;

  constructor(
    private readonly handler: UpstreamHandler,
    private readonly settled: () => void,
  ) {}

  /** Ends an exchange that never started; only for the pool that holds it. */
  refuse(kind: UpstreamErrorKind): void {
    this.over = true;
    this.handler.onError(kind);
  }

  resume(): void {
    this.read?.();
  }

  abort(): void {
    if (this.over) return;
    this.over = true;
    this.cut?.(GIVEN_UP);
  }

  onConnect(cut: (reason?: Error) => void): void {
    if (this.over || this.sent) throw GIVEN_UP;
    if (this.handler.beforeSend?.() === false) {
      this.fail('withdrawn');
      throw GIVEN_UP;
    }
    this.cut = cut;
    this.sent = true;
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void): boolean {
    if (status < 200) return true;
    this.read = resume;
    const refusal = unwanted(status, rawHeaders);
    if (refusal === undefined) this.handler.onHeaders(status, rawHeaders);
    else this.give(refusal);
    return !this.over;
  }

  onData(chunk: Buffer): boolean {
    return this.over ? false : this.handler.onData(chunk);
  }

  onComplete(): void {
    this.settled();
    if (this.over) return;
    this.over = true;
    this.handler.onEnd();
  }

  onError(error: Error): void {
    this.settled();
    this.fail(kindOfError(error, this.sent));
  }

  private give(kind: UpstreamErrorKind): void {
    this.fail(kind);
    this.cut?.(GIVEN_UP);
  }

  private fail(kind: UpstreamErrorKind): void {
    if (this.over) return;
    this.over = true;
    this.handler.onError(kind);
  }
}

const GIVEN_UP = new Error('given up by the gateway');
const CONTENT_ENCODING = 'content-encoding';

function unwanted(status: number, rawHeaders: readonly Buffer[]): UpstreamErrorKind | undefined {
  if (status >= 300 && status < 400) return 'redirect';
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length !== CONTENT_ENCODING.length || name.toString('latin1').toLowerCase() !== CONTENT_ENCODING) continue;
    if (rawHeaders[at + 1]?.toString('latin1').trim().toLowerCase() !== 'identity') return 'encoded';
  }
  return undefined;
}
