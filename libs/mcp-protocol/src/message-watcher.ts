import { type Result, branded, ok, refuse } from '@sallyport/kernel';

import type { RpcId, Span } from './frame.js';
import { isSameId, stringOf, utf8Of } from './id-text.js';
import { NO_SLOT, SECTIONS, SLOTS, type Section, slotOf } from './message-slots.js';
import type { MessageFault, MessageSummary } from './message-summary.js';

const STATES = { start: 0, keyOrEnd: 1, key: 2, inKey: 3, colon: 4, value: 5, inString: 6, inScalar: 7, skip: 8, skipString: 9, after: 10, done: 11 } as const;
type State = (typeof STATES)[keyof typeof STATES];

const CAPTURE_BYTES = 4_096;
const ESCAPE_GROWTH = 6;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Watches one JSON-RPC message go by, chunk by chunk, and keeps only a few short values of it.
 *
 * It follows the structure of the message and of its `result`, `error` or `params` object; what lies deeper is skipped by
 * counting brackets outside strings. Splitting the input differently never changes the outcome.
 */
export class MessageWatcher {
  private state: State = STATES.start;
  private level = 0;
  private section: Section = SECTIONS.message;
  private slot: number = NO_SLOT;
  private capture = '';
  private captures = false;
  private escapePending = false;
  private nested = 0;
  private consumed = 0;
  private valueStart = 0;
  /** Offset after the last byte of a string or scalar. */
  private consumedEnd = 0;
  private fault: MessageFault | null = null;
  private readonly found: (string | undefined)[] = new Array<string | undefined>(10).fill(undefined);
  private idSpan: Span | null = null;
  private progressTokenSpan: Span | null = null;
  /** The chunk as Latin-1, where it is small: slices of it cost less than cutting each piece from the bytes. */
  private chunkText: string | null = null;

  /** @param expectedId When given, the message must be the response to that request. */
  constructor(private readonly expectedId: RpcId | null = null) {}

  /** Takes the next bytes. Once something is bad, it stays so. */
  feed(chunk: Uint8Array): 'ok' | { readonly bad: MessageFault } {
    if (this.fault === null) {
      this.scan(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      this.consumed += chunk.length;
    }
    return this.fault === null ? 'ok' : { bad: this.fault };
  }

  /** Says what the message was; everything must have been fed. */
  end(): Result<MessageSummary, MessageFault> {
    if (this.fault !== null) return refuse(this.fault);
    if (this.state !== STATES.done) return refuse('incomplete');
    const kind = this.kind();
    if (kind === null) return refuse('not_json_rpc');
    if (this.expectedId !== null && this.found[SLOTS.id] === undefined) return refuse('id_missing');
    return ok(this.summary(kind));
  }

  private kind(): MessageSummary['kind'] | null {
    const { found } = this;
    if (found[SLOTS.jsonrpc] !== '"2.0"') return null;
    const [id, hasResult, hasError] = [found[SLOTS.id], found[SLOTS.result] !== undefined, found[SLOTS.error] !== undefined];
    if (found[SLOTS.method] !== undefined) {
      if (hasResult || hasError || id === 'null') return null;
      return id === undefined ? 'notification' : 'request';
    }
    if (hasResult === hasError) return null;
    return hasResult ? 'result' : 'error';
  }

  private summary(kind: MessageSummary['kind']): MessageSummary {
    const { found } = this;
    const id = found[SLOTS.id] ?? 'null';
    const code = Number(found[SLOTS.code] ?? Number.NaN);
    return {
      kind,
      id: id === 'null' ? null : branded<RpcId>(id),
      idSpan: this.idSpan,
      method: stringOf(found[SLOTS.method]),
      errorCode: Number.isNaN(code) ? null : code,
      isError: found[SLOTS.isError] === 'true',
      resultType: stringOf(found[SLOTS.resultType]),
      progressToken: found[SLOTS.progressToken] ?? null,
      progressTokenSpan: this.progressTokenSpan,
      bytes: this.consumed,
    };
  }

  private scan(chunk: Buffer): void {
    this.chunkText = chunk.length <= CAPTURE_BYTES ? chunk.toString('latin1') : null;
    let at = 0;
    while (at < chunk.length && this.fault === null) {
      switch (this.state) {
        case STATES.inKey:
        case STATES.inString:
          at = this.throughString(chunk, at);
          break;
        case STATES.inScalar:
          at = this.throughScalar(chunk, at);
          break;
        case STATES.skip:
        case STATES.skipString:
          at = this.throughNested(chunk, at);
          break;
        default:
          this.structure(chunk[at] as number, at);
          at += 1;
      }
    }
  }

  /** One byte outside strings, scalars and skipped values. */
  private structure(byte: number, at: number): void {
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return;
    switch (this.state) {
      case STATES.start:
        if (byte !== 0x7b) return this.fail(byte === 0x5b ? 'batch' : 'not_json');
        this.level = 1;
        this.state = STATES.keyOrEnd;
        return;
      case STATES.keyOrEnd:
        return byte === 0x7d ? this.close() : this.openKey(byte);
      case STATES.key:
        return this.openKey(byte);
      case STATES.colon:
        if (byte !== 0x3a) return this.fail('not_json');
        this.state = STATES.value;
        return;
      case STATES.value:
        return this.openValue(byte, this.consumed + at);
      case STATES.after:
        if (byte === 0x7d) return this.close();
        if (byte !== 0x2c) return this.fail('not_json');
        this.state = STATES.key;
        return;
      default:
        this.fail('second_message');
    }
  }

  private openKey(byte: number): void {
    if (byte !== QUOTE) return this.fail('not_json');
    this.state = STATES.inKey;
    this.capture = '';
    this.captures = true;
  }

  private openValue(byte: number, offset: number): void {
    this.valueStart = offset;
    this.captures = this.slot !== NO_SLOT;
    if (byte === 0x7b || byte === 0x5b) return this.openContainer(byte);
    if (byte === QUOTE) {
      this.capture = '"';
      this.state = STATES.inString;
    } else if (byte === 0x7d || byte === 0x5d || byte === 0x2c || byte === 0x3a) {
      this.fail('not_json');
    } else {
      this.capture = String.fromCharCode(byte);
      this.state = STATES.inScalar;
    }
  }

  private openContainer(byte: number): void {
    const { slot } = this;
    if (slot !== NO_SLOT) this.note('{');
    if (slot === SLOTS.id) this.fail(this.expectedId === null ? 'not_json_rpc' : 'id_mismatch');
    if (byte === 0x7b && slot >= SLOTS.result && slot <= SLOTS.params) {
      this.section = (slot - SLOTS.result + SECTIONS.result) as Section;
      this.level = 2;
      this.state = STATES.keyOrEnd;
    } else {
      this.nested = 1;
      this.state = STATES.skip;
    }
  }

  private close(): void {
    this.level -= 1;
    this.section = SECTIONS.message;
    this.state = this.level === 0 ? STATES.done : STATES.after;
  }

  private throughString(chunk: Buffer, from: number): number {
    let at = from;
    for (; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      if (this.escapePending) this.escapePending = false;
      else if (byte === BACKSLASH) this.escapePending = true;
      else if (byte === QUOTE) {
        this.keep(chunk, from, at + 1);
        this.endString();
        return at + 1;
      } else if (byte < 0x20) {
        this.fail('not_json');
        return at;
      }
    }
    this.keep(chunk, from, at);
    return at;
  }

  private endString(): void {
    if (this.state === STATES.inString) return this.endValue(this.consumedEnd);
    const text = this.capture.slice(0, -1);
    this.slot = slotOf(this.section, text.includes('\\') ? (stringOf(`"${text}"`) ?? '') : text);
    this.state = STATES.colon;
  }

  private keep(chunk: Buffer, from: number, to: number): void {
    this.consumedEnd = this.consumed + to;
    if (!this.captures) return;
    if (this.capture.length + to - from > this.captureBytes()) return this.stopCapture();
    this.capture += this.chunkText === null ? chunk.toString('latin1', from, to) : this.chunkText.slice(from, to);
  }

  /** A key too long to be one we know is an unknown key; a value too long for what it should be is bad. */
  private stopCapture(): void {
    this.captures = false;
    this.capture = '';
    if (this.state !== STATES.inKey) this.fail(this.slot === SLOTS.id ? 'id_mismatch' : 'not_json_rpc');
  }

  private captureBytes(): number {
    return this.slot === SLOTS.id && this.expectedId !== null ? CAPTURE_BYTES + ESCAPE_GROWTH * this.expectedId.length : CAPTURE_BYTES;
  }

  private throughScalar(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length && !endsScalar(chunk[at] as number)) at += 1;
    this.keep(chunk, from, at);
    if (at < chunk.length && this.fault === null) this.endValue(this.consumed + at);
    return at;
  }

  private throughNested(chunk: Buffer, from: number): number {
    let at = from;
    if (this.state === STATES.skipString) {
      at = this.stringEnd(chunk, at);
      if (at < 0) return chunk.length;
      this.state = STATES.skip;
    }
    for (; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      if (byte === QUOTE) {
        at = this.stringEnd(chunk, at + 1) - 1;
        if (at < 0) {
          this.state = STATES.skipString;
          return chunk.length;
        }
      } else if (byte === 0x7b || byte === 0x5b) this.nested += 1;
      else if (byte === 0x7d || byte === 0x5d) {
        this.nested -= 1;
        if (this.nested > 0) continue;
        this.state = STATES.after;
        return at + 1;
      }
    }
    return at;
  }

  /** The offset after the quote that ends the string whose inside goes on at `from`, or −1 when it is not in this chunk. */
  private stringEnd(chunk: Buffer, from: number): number {
    let start = from;
    for (;;) {
      const quote = chunk.indexOf(QUOTE, start);
      const end = quote < 0 ? chunk.length : quote;
      let back = end;
      while (back > start && chunk[back - 1] === BACKSLASH) back -= 1;
      const isEscaped = (end - back + (back === start && this.escapePending ? 1 : 0)) % 2 === 1;
      this.escapePending = quote < 0 && isEscaped;
      if (quote < 0) return -1;
      if (!isEscaped) return quote + 1;
      start = quote + 1;
    }
  }

  private endValue(end: number): void {
    this.state = STATES.after;
    const { slot } = this;
    if (slot === NO_SLOT || !this.note(this.capture)) return;
    const span = { start: this.valueStart, end };
    if (slot === SLOTS.progressToken) this.progressTokenSpan = span;
    if (slot !== SLOTS.id) return;
    this.idSpan = span;
    if (this.expectedId !== null && !isSameId(this.capture, this.expectedId)) this.fail('id_mismatch');
  }

  /** Remembers a wanted member; a second one of the same name is bad. */
  private note(latin1Text: string): boolean {
    if (this.found[this.slot] !== undefined) {
      this.fail('duplicate_key');
      return false;
    }
    this.found[this.slot] = utf8Of(latin1Text);
    if (this.slot === SLOTS.method && this.expectedId !== null) this.fail('not_a_response');
    return true;
  }

  private fail(fault: MessageFault): void {
    this.fault ??= fault;
  }
}

function endsScalar(byte: number): boolean {
  return byte <= 0x20 || byte === 0x2c || byte === 0x7d || byte === 0x5d;
}
