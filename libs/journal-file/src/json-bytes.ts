/** Up to here a loop over the characters is faster than a regular expression and a call into Node. */
const SHORT = 80;
const FIRST_BYTES = 4_096;
/** Memory that one large record needed beyond this is let go with the next. */
const MOST_KEPT_BYTES = 65_536;
const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const COMMA = 0x2c;
const OPENING = 0x5b;
const CLOSING = 0x5d;
const LARGEST_SHORT_NUMBER = 2 ** 31 - 1;
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const BEYOND_ASCII = /[^\x00-\x7f]/g;

/**
 * A JSON array in ASCII, put together byte by byte in memory that is used again and again: what lies beyond ASCII is escaped, so text and
 * bytes have one length. A text joined of twenty pieces would be written twice, and take twice as long. Each value brings the comma that it needs.
 */
export class JsonBytes {
  private bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private end = 0;
  private isFirst = true;

  get length(): number {
    return this.end;
  }

  /** All that was written; gone with the next `begin`. */
  view(): Uint8Array {
    return new Uint8Array(this.bytes.buffer, 0, this.end);
  }

  /** A copy of what was written from `start` on, with the comma before it. */
  since(start: number): Uint8Array {
    return new Uint8Array(this.bytes.buffer, start, this.end - start).slice();
  }

  /** Starts anew. */
  begin(): void {
    if (this.bytes.length > MOST_KEPT_BYTES) this.bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.end = 0;
    this.isFirst = true;
  }

  /** Begins an array; what follows is in it until `close`. */
  open(): void {
    this.comma();
    this.byte(OPENING);
    this.isFirst = true;
  }

  close(): void {
    this.byte(CLOSING);
    this.isFirst = false;
  }

  /** A value's JSON text, which is ASCII. */
  text(text: string): void {
    this.comma();
    this.ascii(text);
  }

  /** Values as `since` gave them, in a like place. */
  piece(piece: Uint8Array): void {
    this.roomFor(piece.length).set(piece, this.end);
    this.end += piece.length;
    this.isFirst = false;
  }

  /** A string or `null`. */
  string(text: string | null): void {
    this.comma();
    if (text === null) return this.ascii('null');
    if (text.length > SHORT) return this.ascii(PLAIN.test(text) ? `"${text}"` : asciiJson(text));
    const bytes = this.roomFor(SHORT + 2);
    let at = this.end;
    bytes[at] = QUOTE;
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit < FIRST_PRINTABLE || unit > LAST_PRINTABLE || unit === QUOTE || unit === BACKSLASH) return this.ascii(asciiJson(text));
      bytes[(at += 1)] = unit;
    }
    bytes[at + 1] = QUOTE;
    this.end = at + 2;
  }

  /** A number. One that JSON cannot say becomes `null`, as with `JSON.stringify`: the text can always be read back. */
  number(value: number | null): void {
    this.comma();
    if (value === null || !Number.isFinite(value)) this.ascii('null');
    else if (value >= 0 && value <= LARGEST_SHORT_NUMBER && value === Math.floor(value)) this.digits(value | 0);
    else this.ascii(String(value));
  }

  /** An array of strings. */
  strings(texts: readonly string[]): void {
    this.open();
    for (const text of texts) this.string(text);
    this.close();
  }

  /** Any plain value. */
  json(value: unknown): void {
    this.text(asciiJson(value));
  }

  private digits(value: number): void {
    let length = 1;
    for (let rest = value; rest >= 10; rest = (rest / 10) | 0) length += 1;
    const bytes = this.roomFor(length);
    let rest = value;
    for (let at = this.end + length - 1; at >= this.end; at -= 1) {
      const left = (rest / 10) | 0;
      bytes[at] = ZERO + rest - left * 10;
      rest = left;
    }
    this.end += length;
  }

  private ascii(text: string): void {
    const { length } = text;
    const bytes = this.roomFor(length);
    const start = this.end;
    this.end = start + length;
    if (length > SHORT) bytes.write(text, start, length, 'latin1');
    else for (let at = 0; at < length; at += 1) bytes[start + at] = text.charCodeAt(at);
  }

  /** Before a value that is not its array's first. */
  private comma(): void {
    if (this.isFirst) this.isFirst = false;
    else this.byte(COMMA);
  }

  private byte(byte: number): void {
    this.roomFor(1)[this.end] = byte;
    this.end += 1;
  }

  private roomFor(more: number): Buffer {
    if (this.end + more > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.end + more, this.bytes.length * 2));
      this.bytes.copy(larger, 0, 0, this.end);
      this.bytes = larger;
    }
    return this.bytes;
  }
}

/** The text of the number asked for last, kept: the times of calls in one turn of the loop, and of windows, are alike. */
export class RepeatedNumber {
  private value = Number.NaN;
  private text = 'null';

  textOf(value: number): string {
    if (value !== this.value) {
      this.value = value;
      this.text = Number.isFinite(value) ? String(value) : 'null';
    }
    return this.text;
  }
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(BEYOND_ASCII, escaped);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
