import type { UpstreamCall, UpstreamErrorKind, UpstreamHandler } from '@sallyport/upstream';

/**
 * What becomes of one request to an HTTP upstream. After `maySend`, exactly one ending comes: `onWhole`, `onPartsEnd`,
 * `onStreamEnd`, `onAccepted`, `onRefused` or `onFailed`.
 */
export interface AnswerSink {
  /** The last word, in the same synchronous step that hands the bytes to the socket. */
  maySend(): boolean;
  /** The answer is one JSON body, whole. `session` is the upstream's `Mcp-Session-Id`. */
  onWhole(body: Buffer, session: string | null): void;
  /** A part of a JSON body that is too large to be held whole; absent: such a body fails as `too_large`. False stops the reading. */
  onPart?(chunk: Buffer): boolean;
  onPartsEnd?(): void;
  /** The answer is a stream of events. False: it is not wanted, and the request is given up. */
  onStream(session: string | null): boolean;
  /** A part of the stream. False stops the reading until the call is resumed. */
  onStreamData(chunk: Buffer): boolean;
  onStreamEnd(): void;
  /** A notification was taken: 202 or 204. */
  onAccepted(): void;
  /** An HTTP error, with the beginning of its body. */
  onRefused(status: number, body: Buffer): void;
  /** No answer, or not a whole one, or one that is too large or of no known type. */
  onFailed(kind: AnswerFailure): void;
}

/** Why there is no usable answer. `foreign`: neither JSON nor an event stream. */
export type AnswerFailure = UpstreamErrorKind | 'too_large' | 'foreign';

/** A JSON body up to this size is held until it is whole, so that nothing of a bad one leaves. */
export const HELD_BYTES = 1_048_576;
const REFUSAL_BYTES = 65_536;
const CONTENT_TYPE = 'content-type';
const SESSION_ID = 'mcp-session-id';
const JSON_TYPE = 'application/json';

type Mode = 'waiting' | 'whole' | 'parts' | 'stream' | 'accepted' | 'refused' | 'over';

/** Tells the kinds of HTTP answers apart, bounded in size, so that sinks see MCP and not HTTP. */
export class AnswerReader implements UpstreamHandler {
  /** The request under way; set right after its dispatch. */
  call: UpstreamCall | undefined;
  private mode: Mode = 'waiting';
  private status = 0;
  private session: string | null = null;
  private first: Buffer | undefined;
  private rest: Buffer[] | undefined;
  private size = 0;

  constructor(
    private readonly sink: AnswerSink,
    private readonly maxBytes: number,
  ) {}

  beforeSend(): boolean {
    return this.sink.maySend();
  }

  onHeaders(status: number, rawHeaders: readonly string[]): void {
    this.status = status;
    this.session = headerOf(rawHeaders, SESSION_ID);
    if (status >= 400) this.mode = 'refused';
    else if (status === 202 || status === 204) this.mode = 'accepted';
    else this.openBody(headerOf(rawHeaders, CONTENT_TYPE));
  }

  onData(chunk: Buffer): boolean {
    this.size += chunk.length;
    switch (this.mode) {
      case 'stream':
        return this.size > this.maxBytes ? this.overflow() : this.sink.onStreamData(chunk);
      case 'parts':
        return this.size > this.maxBytes ? this.overflow() : (this.sink.onPart?.(chunk) ?? true);
      case 'whole':
        return this.size > Math.min(HELD_BYTES, this.maxBytes) ? this.spill(chunk) : this.hold(chunk);
      case 'refused':
        return this.size > REFUSAL_BYTES ? this.overflow() : this.hold(chunk);
      case 'waiting':
      case 'accepted':
      case 'over':
        return true;
    }
  }

  onEnd(): void {
    const { mode } = this;
    this.mode = 'over';
    if (mode === 'whole') this.sink.onWhole(this.body(), this.session);
    else if (mode === 'parts') this.sink.onPartsEnd?.();
    else if (mode === 'stream') this.sink.onStreamEnd();
    else if (mode === 'accepted') this.sink.onAccepted();
    else if (mode === 'refused') this.sink.onRefused(this.status, this.body());
  }

  onError(kind: UpstreamErrorKind): void {
    this.fail(kind);
  }

  /** Gives up the request; the sink hears nothing more. */
  abort(): void {
    this.mode = 'over';
    this.call?.abort();
  }

  private openBody(contentType: string | null): void {
    const mediaType = contentType === JSON_TYPE ? JSON_TYPE : contentType?.split(';', 1)[0]?.trim().toLowerCase();
    if (mediaType === JSON_TYPE) this.mode = 'whole';
    else if (mediaType !== 'text/event-stream') this.giveUp('foreign');
    else if (this.sink.onStream(this.session)) this.mode = 'stream';
    else this.abort();
  }

  private hold(chunk: Buffer): boolean {
    if (this.first === undefined) this.first = chunk;
    else (this.rest ??= [this.first]).push(chunk);
    return true;
  }

  /** What was held goes on in parts, if the sink takes parts. */
  private spill(chunk: Buffer): boolean {
    if (this.sink.onPart === undefined || this.size > this.maxBytes) return this.overflow();
    const held = this.body();
    this.mode = 'parts';
    this.first = undefined;
    this.rest = undefined;
    const wantsMore = this.sink.onPart(held);
    return this.sink.onPart(chunk) && wantsMore;
  }

  private overflow(): boolean {
    if (this.mode !== 'refused') {
      this.giveUp('too_large');
      return true;
    }
    this.abort();
    this.sink.onRefused(this.status, this.body());
    return true;
  }

  private giveUp(failure: AnswerFailure): void {
    const { call } = this;
    this.fail(failure);
    call?.abort();
  }

  private fail(failure: AnswerFailure): void {
    if (this.mode === 'over') return;
    this.mode = 'over';
    this.sink.onFailed(failure);
  }

  private body(): Buffer {
    return this.rest === undefined ? (this.first ?? EMPTY) : Buffer.concat(this.rest);
  }
}

const EMPTY = Buffer.alloc(0);

function headerOf(rawHeaders: readonly string[], name: string): string | null {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const key = rawHeaders[at];
    if (key?.length === name.length && key.toLowerCase() === name) return rawHeaders[at + 1] ?? null;
  }
  return null;
}
