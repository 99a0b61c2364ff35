import type { JsonObject, JsonValue } from '@sallyport/kernel';

import type { FrameLimits, MalformedReason } from './frame.js';
import { MalformedSignal } from './malformed.js';
import { newJsonObject } from './new-json-object.js';
import { foldKey, isCaseVariant } from './key-fold.js';
import { scanNumber } from './scan-number.js';
import { utf8SequenceEnd } from './utf8-sequence.js';

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
/** Objects with more keys look duplicates up in a set instead of comparing with each earlier key. */
const NARROW_KEYS = 12;

interface WideKey {
  readonly key: string;
  readonly depth: number;
  readonly keyAt: number;
  readonly guarded: boolean;
}

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
  /** Whether the key read last was written with escapes. */
  keyEscaped = false;

  private readonly text: string | null;
  private keysLeft: number;
  private stringStart = 0;
  private stringEscaped = false;
  private stringAscii = true;
  /** Keys of the open objects, innermost last. The object at depth d owns the entries from `bases[d]`. */
  private readonly keys: string[] = [];
  private keysTop = 0;
  private readonly bases: number[] = [];
  private readonly wide: (Set<string> | undefined)[] = [];
  /** Depth of the object whose key read last was `constructor`, else −1. */
  private constructorAt = -1;
  private readonly underConstructor: boolean[] = [];

  constructor(
    readonly bytes: Buffer,
    private readonly limits: FrameLimits,
  ) {
    this.text = bytes.length <= SHARED_TEXT_BYTES ? bytes.toString('latin1') : null;
    this.keysLeft = limits.keys;
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
    this.bases[depth] = this.keysTop;
    this.wide[depth] = undefined;
    this.underConstructor[depth] = this.constructorAt === depth - 1 && depth > 1;
  }

  /**
   * The next key of the object at `depth`, with `at` on its value; `undefined` after the closing brace.
   * `guarded` objects belong to the envelope: their keys may not be escaped, nor be case variants of each other.
   */
  nextKey(depth: number, guarded: boolean): string | undefined {
    const base = this.bases[depth] as number;
    const first = this.keysTop === base;
    let byte = this.peek();
    if (byte === BYTE.closeBrace) return this.closeObject(base);
    if (!first) {
      if (byte !== BYTE.comma) this.fail('not_json');
      this.at += 1;
      byte = this.peek();
    }
    if (byte !== BYTE.quote) this.fail('not_json');
    const keyAt = this.at;
    this.string();
    this.keyEscaped = this.stringEscaped;
    const key = this.stringValue();
    this.claimKey(key, depth, keyAt, guarded);
    if (this.peek() !== BYTE.colon) this.fail('not_json');
    this.at += 1;
    return key;
  }

  private closeObject(base: number): undefined {
    this.at += 1;
    this.keysTop = base;
    return undefined;
  }

  private claimKey(key: string, depth: number, keyAt: number, guarded: boolean): void {
    if (this.keysLeft === 0) this.fail('too_many_keys', keyAt);
    this.keysLeft -= 1;
    if (this.keyEscaped && (guarded || key.includes('\0'))) this.fail(guarded ? 'escaped_key' : 'nul_character', keyAt);
    if (key.length === 9 && (key === '__proto__' || (key === 'prototype' && this.underConstructor[depth] === true))) {
      this.fail('forbidden_key', keyAt);
    }
    this.constructorAt = key === 'constructor' ? depth : -1;
    const base = this.bases[depth] as number;
    if (this.keysTop - base > NARROW_KEYS) this.claimWide({ key, depth, keyAt, guarded });
    else if (guarded) this.refuseVariant(key, base, keyAt);
    else this.refuseDuplicate(key, base, keyAt);
    this.keys[this.keysTop] = key;
    this.keysTop += 1;
  }

  private refuseDuplicate(key: string, base: number, keyAt: number): void {
    for (let index = base; index < this.keysTop; index += 1) {
      if (this.keys[index] === key) this.fail('duplicate_key', keyAt);
    }
  }

  private refuseVariant(key: string, base: number, keyAt: number): void {
    for (let index = base; index < this.keysTop; index += 1) {
      const other = this.keys[index] as string;
      if (other === key) this.fail('duplicate_key', keyAt);
      if (isCaseVariant(other, key)) this.fail('key_variant', keyAt);
    }
  }

  private claimWide({ key, depth, keyAt, guarded }: WideKey): void {
    const compared = guarded ? foldKey(key) : key;
    let set = this.wide[depth];
    if (set === undefined) {
      const earlier = this.keys.slice(this.bases[depth], this.keysTop);
      set = new Set(guarded ? earlier.map(foldKey) : earlier);
      this.wide[depth] = set;
    }
    if (set.has(compared)) {
      const exact = this.keys.slice(this.bases[depth], this.keysTop).includes(key);
      this.fail(exact ? 'duplicate_key' : 'key_variant', keyAt);
    }
    set.add(compared);
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
      this.constructorAt = -1;
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
        at = this.escapeEnd(at);
      } else if (byte < 0x80) {
        at += 1;
      } else {
        ascii = false;
        at = utf8SequenceEnd(bytes, at);
        if (at < 0) this.fail('invalid_utf8', ~at);
      }
    }
    this.fail('not_json', end);
  }

  /** The offset after the escape at `at`; a high surrogate takes its low half with it. */
  private escapeEnd(at: number): number {
    const kind = this.bytes[at + 1];
    if (kind !== 0x75) {
      if (kind === undefined || !'"\\/bfnrt'.includes(String.fromCharCode(kind))) this.fail('not_json', at);
      return at + 2;
    }
    const unit = this.hexUnit(at);
    if (unit < 0xd800 || unit > 0xdfff) return at + 6;
    if (unit > 0xdbff || this.bytes[at + 6] !== BYTE.backslash || this.bytes[at + 7] !== 0x75) this.fail('lone_surrogate', at);
    const low = this.hexUnit(at + 6);
    if (low < 0xdc00 || low > 0xdfff) this.fail('lone_surrogate', at);
    return at + 12;
  }

  private hexUnit(at: number): number {
    let unit = 0;
    for (let index = at + 2; index < at + 6; index += 1) {
      const digit = hexDigit(this.bytes[index]);
      if (digit < 0) this.fail('not_json', at);
      unit = unit * 16 + digit;
    }
    return unit;
  }

  private stringValue(): string {
    const start = this.stringStart;
    const end = this.at - 1;
    if (this.stringEscaped) return JSON.parse(this.bytes.toString('utf8', start - 1, end + 1)) as string;
    if (!this.stringAscii) return this.bytes.toString('utf8', start, end);
    return this.text !== null ? this.text.slice(start, end) : this.bytes.toString('latin1', start, end);
  }
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
