import type { Span } from '@sallyport/mcp-protocol';

/**
 * Where the value at a path of object keys lies in a message's bytes, so that it can be replaced without touching anything else.
 *
 * @param bytes Valid JSON whose root is an object; the caller has parsed it.
 * @returns Undefined when the value is not there, and when a key on the path is written with an escape or stands twice: then parsers disagree
 *          about which one counts, and nothing may be rewritten.
 */
export function spanAt(bytes: Buffer, path: readonly string[]): Span | undefined {
  const found: Span[] = [];
  new Walk(bytes, path, found).value(0);
  return found.length === 1 ? found[0] : undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/** One pass over the bytes; only objects on the path are entered member by member, everything else is skipped by counting brackets. */
class Walk {
  private at = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly path: readonly string[],
    private readonly found: Span[],
  ) {}

  /** Walks over one value and returns where it ends. */
  value(level: number, from = this.at): number {
    this.at = from;
    this.space();
    const start = this.at;
    if (level < this.path.length && this.bytes[this.at] === OPEN_BRACE) this.members(level);
    else this.skip();
    if (level === this.path.length) this.found.push({ start, end: this.at });
    return this.at;
  }

  private members(level: number): void {
    this.at += 1;
    for (;;) {
      this.space();
      if (this.bytes[this.at] !== QUOTE) {
        this.at += 1;
        return;
      }
      const key = this.key();
      this.space();
      if (this.bytes[this.at] === COLON) this.at += 1;
      if (key === this.path[level]) this.value(level + 1);
      else this.other();
      this.space();
      if (this.bytes[this.at] !== 0x2c) {
        this.at += 1;
        return;
      }
      this.at += 1;
    }
  }

  private other(): void {
    this.space();
    this.skip();
  }

  private key(): string {
    const start = this.at;
    this.string();
    const raw = this.bytes.toString('utf8', start, this.at);
    return String(JSON.parse(raw)) === raw.slice(1, -1) ? raw.slice(1, -1) : this.escaped(raw);
  }

  /** An escaped spelling of a key on the path makes the message ambiguous: two findings are no finding. */
  private escaped(raw: string): string {
    const key = String(JSON.parse(raw));
    if (this.path.includes(key)) this.found.push(NOWHERE, NOWHERE);
    return key;
  }

  private skip(): void {
    const first = this.bytes[this.at];
    if (first === QUOTE) return this.string();
    if (first === OPEN_BRACE || first === OPEN_BRACKET) return this.container();
    while (this.at < this.bytes.length && !ENDS_SCALAR.has(this.bytes[this.at] ?? 0)) this.at += 1;
  }

  private container(): void {
    let depth = 0;
    while (this.at < this.bytes.length) {
      const byte = this.bytes[this.at];
      if (byte === QUOTE) {
        this.string();
        continue;
      }
      this.at += 1;
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
      else if (byte === 0x7d || byte === 0x5d) depth -= 1;
      if (depth === 0) return;
    }
  }

  private string(): void {
    this.at += 1;
    while (this.at < this.bytes.length) {
      const byte = this.bytes[this.at];
      this.at += byte === BACKSLASH ? 2 : 1;
      if (byte === QUOTE) return;
    }
  }

  private space(): void {
    while (SPACE.has(this.bytes[this.at] ?? 0)) this.at += 1;
  }
}

const NOWHERE: Span = { start: 0, end: 0 };
const SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const ENDS_SCALAR: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0x2c, 0x7d, 0x5d]);

/** Where the elements of an array lie. `array` is the span of a valid JSON array in `bytes`. */
export function elementSpans(bytes: Buffer, array: Span): readonly Span[] {
  const found: Span[] = [];
  let at = array.start + 1;
  while (at < array.end - 1) {
    const walk: Span[] = [];
    at = new Walk(bytes, [], walk).value(0, at);
    const [element] = walk;
    if (element === undefined || element.end === element.start) break;
    found.push(element);
    while (at < array.end - 1 && bytes[at] !== 0x2c) at += 1;
    at += 1;
  }
  return found;
}
