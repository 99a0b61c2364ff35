import type { AnswerHead } from './http1/answer-head.js';
import type { UpstreamCall, UpstreamErrorKind, UpstreamHandler, UpstreamRequest } from './upstream-call.js';

/** What carries an exchange, once it was sent. */
export interface Carrier {
  resume(): void;
  cut(kind: UpstreamErrorKind): void;
}

/** One request and its answer, from the call to its one end. */
export class HttpExchange implements UpstreamCall {
  sent = false;
  hasHead = false;
  private isOver = false;
  private carrier: Carrier | undefined;

  /**
   * @param head The request's head as it will stand on the wire.
   * @param settled Told once, before the handler is told of the end.
   */
  constructor(
    readonly request: UpstreamRequest,
    readonly head: string,
    private readonly handler: UpstreamHandler,
    private readonly settled: (exchange: HttpExchange) => void,
  ) {}

  /** Asks for the last word. True: the request is sent in this same step, by `carrier`. */
  begin(carrier: Carrier): boolean {
    if (this.handler.beforeSend?.() === false) this.fail('withdrawn');
    if (this.isOver) return false;
    this.carrier = carrier;
    this.sent = true;
    return true;
  }

  onHead(head: AnswerHead): void {
    this.hasHead = true;
    const refusal = unwanted(head);
    if (refusal === undefined) return this.handler.onHeaders(head.status, head.rawHeaders);
    this.fail(refusal);
    this.carrier?.cut(refusal);
  }

  onBody(part: Buffer): boolean {
    return !this.isOver && this.handler.onData(part);
  }

  /** The answer is whole. */
  complete(): void {
    if (this.settle()) this.handler.onEnd();
  }

  /** There will be no whole answer. */
  fail(kind: UpstreamErrorKind): void {
    if (this.settle()) this.handler.onError(kind);
  }

  resume(): void {
    if (!this.isOver) this.carrier?.resume();
  }

  abort(): void {
    if (this.settle()) this.carrier?.cut('aborted');
  }

  private settle(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    this.settled(this);
    return true;
  }
}

const CONTENT_ENCODING = 'content-encoding';

function unwanted({ status, rawHeaders }: AnswerHead): UpstreamErrorKind | undefined {
  if (status >= 300 && status < 400) return 'redirect';
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length !== CONTENT_ENCODING.length || name.toLowerCase() !== CONTENT_ENCODING) continue;
    if (rawHeaders[at + 1]?.toLowerCase() !== 'identity') return 'encoded';
  }
  return undefined;
}
