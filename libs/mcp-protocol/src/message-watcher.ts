import { type Result, branded, compareDecimals, ok, parseDecimal, refuse } from '@sallyport/kernel';

import type { RpcId, Span } from './frame.js';

/** What is wrong with a message from an upstream. A closed set. */
export const MESSAGE_FAULTS = [
  'not_json',
  'batch',
  'not_json_rpc',
  'duplicate_key',
  'second_message',
  'not_a_response',
  'id_missing',
  'id_mismatch',
  'incomplete',
] as const;
export type MessageFault = (typeof MESSAGE_FAULTS)[number];

/** What a gateway learns of a message without holding it. Spans count from the message's first byte. */
export interface MessageSummary {
  readonly kind: 'result' | 'error' | 'request' | 'notification';
  /** Source text; `null` for notifications. */
  readonly id: RpcId | null;
  readonly idSpan: Span | null;
  readonly method: string | null;
  /** `error.code`, where it is a number. */
  readonly errorCode: number | null;
  /** `result.isError` is `true`. */
  readonly isError: boolean;
  /** `result.resultType`; absent means `complete`. */
  readonly resultType: string | null;
  /** Source text of `params.progressToken` (`notifications/progress`). */
  readonly progressToken: string | null;
  readonly progressTokenSpan: Span | null;
  readonly bytes: number;
}

const STATES = { start: 0, keyOrEnd: 1, key: 2, inKey: 3, colon: 4, value: 5, inString: 6, inScalar: 7, skip: 8, skipString: 9, after: 10, done: 11 } as const;
type State = (typeof STATES)[keyof typeof STATES];
type Section = 'result' | 'error' | 'params';

/** Members whose value is read, by the object they are in; level 1 is the message itself. */
const WANTED: Readonly<Record<'message' | Section, ReadonlySet<string>>> = {
  message: new Set(['jsonrpc', 'id', 'method', 'result', 'error', 'params']),
  result: new Set(['isError', 'resultType']),
  error: new Set(['code']),
  params: new Set(['progressToken']),
};

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
  private section: Section | null = null;
  private key = '';
  private capture = '';
  private captures = false;
  private escapePending = false;
  private nested = 0;
  private consumed = 0;
  private valueStart = 0;
  /** Offset after the last byte of a string or scalar. */
  private consumedEnd = 0;
  private fault: MessageFault | null = null;
  private readonly found = new Map<string, string>();
  private readonly spans = new Map<string, Span>();

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
    if (this.expectedId !== null && !this.found.has('id')) return refuse('id_missing');
    return ok(this.summary(kind));
  }

  private kind(): MessageSummary['kind'] | null {
    const { found } = this;
    if (found.get('jsonrpc') !== '"2.0"') return null;
    const hasId = found.has('id');
    if (found.has('method')) {
      if (found.has('result') || found.has('error')) return null;
      if (found.get('id') === 'null') return null;
      return hasId ? 'request' : 'notification';
    }
    if (found.has('result') === found.has('error')) return null;
    return found.has('result') ? 'result' : 'error';
  }

  private summary(kind: MessageSummary['kind']): MessageSummary {
    const { found, spans } = this;
    const id = found.get('id') ?? 'null';
    const code = found.get('error.code');
    return {
      kind,
      id: id === 'null' ? null : branded<RpcId>(id),
      idSpan: spans.get('id') ?? null,
      method: stringOf(found.get('method')),
      errorCode: code === undefined || Number.isNaN(Number(code)) ? null : Number(code),
      isError: found.get('result.isError') === 'true',
      resultType: stringOf(found.get('result.resultType')),
      progressToken: found.get('params.progressToken') ?? null,
      progressTokenSpan: spans.get('params.progressToken') ?? null,
      bytes: this.consumed,
    };
  }

  private scan(chunk: Buffer): void {
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
    this.capture = '';
    this.captures = this.isWanted();
    const isContainer = byte === 0x7b || byte === 0x5b;
    if (isContainer && this.level === 1 && byte === 0x7b && this.isSection(this.key)) {
      this.note('{');
      this.section = this.key;
      this.level = 2;
      this.state = STATES.keyOrEnd;
    } else if (isContainer) {
      if (this.captures) this.note('{');
      if (this.level === 1 && this.key === 'id') this.fail(this.expectedId === null ? 'not_json_rpc' : 'id_mismatch');
      this.nested = 1;
      this.state = STATES.skip;
    } else if (byte === QUOTE) {
      this.capture = this.captures ? '"' : '';
      this.state = STATES.inString;
    } else {
      this.capture = this.captures ? String.fromCharCode(byte) : '';
      this.state = byte === 0x7d || byte === 0x5d || byte === 0x2c || byte === 0x3a ? this.state : STATES.inScalar;
      if (this.state !== STATES.inScalar) this.fail('not_json');
    }
  }

  private isSection(key: string): key is Section {
    return key === 'result' || key === 'error' || key === 'params';
  }

  private isWanted(): boolean {
    return WANTED[this.section ?? 'message'].has(this.key);
  }

  private close(): void {
    this.level -= 1;
    this.section = null;
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
    this.key = this.capture.includes('\\') ? (stringOf(`"${this.capture}`) ?? '') : this.capture.slice(0, -1);
    this.state = STATES.colon;
  }

  private keep(chunk: Buffer, from: number, to: number): void {
    this.consumedEnd = this.consumed + to;
    if (!this.captures) return;
    if (this.capture.length + to - from > this.captureBytes()) {
      this.captures = false;
      if (this.state !== STATES.inKey) this.fail(this.key === 'id' ? 'id_mismatch' : 'not_json_rpc');
      else this.capture = '"';
      return;
    }
    this.capture += chunk.toString('latin1', from, to);
  }

  private captureBytes(): number {
    return this.key === 'id' && this.expectedId !== null ? CAPTURE_BYTES + ESCAPE_GROWTH * this.expectedId.length : CAPTURE_BYTES;
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
    let inString = this.state === STATES.skipString;
    for (; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      if (inString) {
        if (this.escapePending) this.escapePending = false;
        else if (byte === BACKSLASH) this.escapePending = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) inString = true;
      else if (byte === 0x7b || byte === 0x5b) this.nested += 1;
      else if (byte === 0x7d || byte === 0x5d) {
        this.nested -= 1;
        if (this.nested === 0) {
          this.state = STATES.after;
          return at + 1;
        }
      }
    }
    this.state = inString ? STATES.skipString : STATES.skip;
    return at;
  }

  private endValue(end: number): void {
    this.state = STATES.after;
    if (!this.isWanted()) return;
    const text = this.capture;
    if (!this.note(text)) return;
    this.spans.set(this.pathOfKey(), { start: this.valueStart, end });
    if (this.level === 1 && this.key === 'id' && this.expectedId !== null && !isSameId(text, this.expectedId)) this.fail('id_mismatch');
  }

  /** Remembers a wanted member; a second one of the same name is bad. */
  private note(latin1Text: string): boolean {
    const path = this.pathOfKey();
    if (this.found.has(path)) {
      this.fail('duplicate_key');
      return false;
    }
    this.found.set(path, utf8Of(latin1Text));
    if (path === 'method' && this.expectedId !== null) this.fail('not_a_response');
    return true;
  }

  private pathOfKey(): string {
    return this.section === null ? this.key : `${this.section}.${this.key}`;
  }

  private fail(fault: MessageFault): void {
    this.fault ??= fault;
  }
}

function endsScalar(byte: number): boolean {
  return byte <= 0x20 || byte === 0x2c || byte === 0x7d || byte === 0x5d;
}

function utf8Of(latin1Text: string): string {
  return /[\x80-\xff]/.test(latin1Text) ? Buffer.from(latin1Text, 'latin1').toString('utf8') : latin1Text;
}

function stringOf(jsonText: string | undefined): string | null {
  if (jsonText === undefined || !jsonText.startsWith('"')) return null;
  try {
    return JSON.parse(jsonText) as string;
  } catch {
    // A string with a bad escape names nothing we know.
    return null;
  }
}

/** Whether two id tokens name one request: equal text, equal strings after unescaping, or equal numbers by exact value. `1` and `"1"` do not. */
function isSameId(received: string, expected: RpcId): boolean {
  const text = utf8Of(received);
  if (text === expected) return true;
  if (expected.startsWith('"')) return stringOf(text) === stringOf(expected);
  const left = parseDecimal(text);
  const right = parseDecimal(expected);
  return left !== undefined && right !== undefined && compareDecimals(left, right) === 0;
}
