import { SseSplitter, readResponse, type MessageSummary, type RpcId } from '@sallyport/mcp-protocol';

import { AnswerReader, type AnswerFailure, type AnswerSink } from './answer-reader.js';

/** How a held request ended: the one response, an HTTP error, or no answer. */
export type HeldEnding =
  | { readonly kind: 'response'; readonly message: Buffer; readonly summary: MessageSummary; readonly session: string | null; readonly httpStatus: number }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'failed'; readonly failure: AnswerFailure };

const MAX_BYTES = 4 * 1_048_576;

/** Waits for an upstream's one response to a request and holds it whole, whether it comes as a body or in a stream. */
export class HeldAnswer implements AnswerSink {
  /** What the request is dispatched with. */
  readonly reader = new AnswerReader(this, MAX_BYTES);
  private readonly splitter = new SseSplitter(MAX_BYTES);
  private session: string | null = null;
  private over = false;

  constructor(
    private readonly id: RpcId,
    private readonly mayGo: () => boolean,
    private readonly done: (ending: HeldEnding) => void,
  ) {}

  maySend(): boolean {
    return this.mayGo();
  }

  onWhole(body: Buffer, session: string | null): void {
    this.session = session;
    this.take(body, 200);
  }

  onStream(session: string | null): boolean {
    this.session = session;
    return true;
  }

  onStreamData(chunk: Buffer): boolean {
    const split = this.splitter.push(chunk);
    if (!split.ok) this.finish({ kind: 'failed', failure: 'too_large' });
    else for (const { data } of split.value) if (data !== null && readResponse(this.id, data).ok) this.take(data, 200);
    return true;
  }

  onStreamEnd(): void {
    this.finish({ kind: 'failed', failure: 'reset' });
  }

  onAccepted(): void {
    this.finish({ kind: 'failed', failure: 'foreign' });
  }

  onRefused(status: number, body: Buffer): void {
    if (readResponse(this.id, body).ok) this.take(body, status);
    else this.finish({ kind: 'refused', status });
  }

  onFailed(failure: AnswerFailure): void {
    this.finish({ kind: 'failed', failure });
  }

  private take(message: Buffer, httpStatus: number): void {
    const read = readResponse(this.id, message);
    if (read.ok) this.finish({ kind: 'response', message, summary: read.value, session: this.session, httpStatus });
    else this.finish({ kind: 'failed', failure: 'foreign' });
  }

  private finish(ending: HeldEnding): void {
    if (this.over) return;
    this.over = true;
    this.done(ending);
  }
}
