import type { JsonObject, JsonValue } from '@sallyport/kernel';

import { escapeEnd } from './escape-end.js';
import type { FrameLimits, MalformedReason } from './frame.js';
import { KeyLedger } from './key-ledger.js';
import { MalformedSignal } from './malformed.js';
import { newJsonObject } from './new-json-object.js';
import { scanNumber } from './scan-number.js';
import { utf8SequenceEnd } from './utf8-sequence.js';

/** The bytes that shape JSON, by their name. */
export const BYTE = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

/** Bodies up to this size are turned into one string, and their strings are slices of it; larger ones are cut piece by piece, so that a kept name never holds a large body in memory. */
const SHARED_TEXT_BYTES = 4_096;

/** 1 for a byte that stands for itself in a string. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x20 && byte < 0x80 && byte !== BYTE.quote && byte !== BYTE.backslash ? 1 : 0));

/**
 * A strict JSON reader over bytes: one pass that validates everything and builds only what it is asked to build.
 * It accepts RFC 8259 JSON without: invalid UTF-8, lone surrogates, duplicate keys, prototype keys, overflow, and sizes over the limits.
 *
 * `at` is always the offset of the next unread byte. Every method throws `MalformedSignal`.
 */
export class JsonScanner {
  at = 0;
  /** Where the string or id read last began, its quote included. */
  lastStart = 0;

  private readonly text: string | null;
  private readonly ledger: KeyLedger;
  private stringStart = 0;
  private stringEscaped = false;
  private stringAscii = true;

  constructor(
    readonly bytes: Buffer,
    private readonly limits: FrameLimits,
  ) {
    this.text = bytes.length <= SHARED_TEXT_BYTES ? bytes.toString('latin1') : null;
    this.ledger = new KeyLedger(limits.keys);
  }

  /** Stops the scan; `offset` is where the rule broke. */
  fail(reason: MalformedReason, offset: number = this.at): never {
    throw new MalformedSignal(reason, offset);
  }

  /** Skips white space and returns the next byte without taking it, or −1 at the end. */
  peek(): number {
    const { bytes } = this;
    const end = bytes.length;
    let at = this.at;
    while (at < end) {
      const byte = bytes[at] as number;
      if (byte > 0x20) {
        this.at = at;
        return byte;
      }
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
      at += 1;
    }
    this.at = at;
    return at < end ? this.fail('not_json') : -1;
  }

  /** How many keys more the message may have. */
  get keysLeft(): number {
    return this.ledger.left;
  }

  /** Steps over bytes that are known to be a value, with so many keys in it. */
  skip(bytes: number, keys: number): void {
    this.at += bytes;
    this.ledger.spend(keys);
  }

  /** Reads one value. With `build` false it is only validated, and `null` comes back. */
  value(depth: number, build: boolean): JsonValue {
    const byte = this.peek();
    switch (byte) {
      case BYTE.quote:
        this.string();
        return build ? this.stringValue() : null;
      case BYTE.openBrace:
        return this.object(depth, build);
      case BYTE.openBracket:
        return this.array(depth, build);
      case 0x74:
        return this.literal('true', true);
      case 0x66:
        return this.literal('false', false);
      case 0x6e:
        return this.literal('null', null);
      default:
        return this.number(build);
    }
  }

  /** Reads a string and returns it; the next byte is its opening quote. */
  readString(): string {
    this.lastStart = this.at;
    this.string();
    return this.stringValue();
  }

  /** Steps into an object at `depth`; its keys then come from `nextKey(depth, …)`. */
  openObject(depth: number): void {
    if (depth > this.limits.depth) this.fail('too_deep');
    this.at += 1;
    this.ledger.open(depth);
  }

  /**
   * The next key of the object at `depth`, with `at` on its value; `undefined` after the closing brace.
   * `guarded` objects belong to the envelope: their keys may not be escaped, nor be case variants of each other.
   */
  nextKey(depth: number, guarded: boolean): string | undefined {
    let byte = this.peek();
    if (byte === BYTE.closeBrace) {
      this.at += 1;
      this.ledger.close(depth);
      return undefined;
    }
    if (!this.ledger.isEmpty(depth)) {
      if (byte !== BYTE.comma) this.fail('not_json');
      this.at += 1;
      byte = this.peek();
    }
    if (byte !== BYTE.quote) this.fail('not_json');
    const keyAt = this.at;
    this.string();
    const key = this.stringValue();
    const fault = this.ledger.claim(key, depth, guarded, this.stringEscaped);
    if (fault !== undefined) this.fail(fault, keyAt);
    if (this.peek() !== BYTE.colon) this.fail('not_json');
    this.at += 1;
    return key;
  }

  private object(depth: number, build: boolean): JsonValue {
    this.openObject(depth);
    if (build) return this.builtObject(depth);
    while (this.nextKey(depth, false) !== undefined) this.value(depth + 1, false);
    return null;
  }

  private builtObject(depth: number): JsonObject {
    const object = newJsonObject();
    for (let key = this.nextKey(depth, false); key !== undefined; key = this.nextKey(depth, false)) {
      object[key] = this.value(depth + 1, true);
    }
    return object;
  }

  private array(depth: number, build: boolean): JsonValue {
    if (depth > this.limits.depth) this.fail('too_deep');
    this.at += 1;
    const items: JsonValue[] = [];
    if (this.peek() === BYTE.closeBracket) {
      this.at += 1;
      return items;
    }
    for (let count = 1; ; count += 1) {
      if (count > this.limits.arrayItems) this.fail('array_too_long');
      this.ledger.enterItem();
      const item = this.value(depth + 1, build);
      if (build) items.push(item);
      const byte = this.peek();
      this.at += 1;
      if (byte === BYTE.closeBracket) return items;
      if (byte !== BYTE.comma) this.fail('not_json', this.at - 1);
    }
  }

  private literal<Value extends boolean | null>(word: string, value: Value): Value {
    const { bytes, at } = this;
    for (let index = 1; index < word.length; index += 1) {
      if (bytes[at + index] !== word.charCodeAt(index)) this.fail('not_json');
    }
    this.at = at + word.length;
    return value;
  }

  private number(build: boolean): JsonValue {
    const scanned = scanNumber(this.bytes, this.at, build);
    if (typeof scanned === 'string') return this.fail(scanned);
    this.at = scanned.end;
    return scanned.value;
  }

  private string(): void {
    const { bytes } = this;
    const end = bytes.length;
    const start = this.at + 1;
    let at = start;
    let escaped = false;
    let ascii = true;
    while (at < end) {
      const byte = bytes[at] as number;
      if (PLAIN[byte] === 1) {
        at += 1;
        continue;
      }
      if (byte === BYTE.quote) {
        if (at - start > this.limits.stringBytes) this.fail('string_too_long', start);
        this.stringStart = start;
        this.stringEscaped = escaped;
        this.stringAscii = ascii;
        this.at = at + 1;
        return;
      }
      if (byte < 0x20) this.fail('not_json', at);
      if (byte === BYTE.backslash) {
        escaped = true;
        const end = escapeEnd(bytes, at);
        if (typeof end === 'string') this.fail(end, at);
        at = end;
      } else {
        ascii = false;
        at = utf8SequenceEnd(bytes, at);
        if (at < 0) this.fail('invalid_utf8', ~at);
      }
    }
    this.fail('not_json', end);
  }

  private stringValue(): string {
    const start = this.stringStart;
    const end = this.at - 1;
    if (this.stringEscaped) return JSON.parse(this.bytes.toString('utf8', start - 1, end + 1)) as string;
    if (!this.stringAscii) return this.bytes.toString('utf8', start, end);
    return this.text !== null ? this.text.slice(start, end) : this.bytes.toString('latin1', start, end);
  }
}
