/** Thrown inside this folder where a text is not JSON, or is nested too deep; no caller outside sees it. */
export class NotJson extends Error {}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

/** A stretch of a JSON text that is one value or key. */
export interface JsonSpan {
  readonly start: number;
  readonly end: number;
}

/** Reads a JSON text from left to right, one token at a time, and says where each stands. Texts that are not JSON throw `NotJson`. */
export class JsonText {
  private at = 0;

  constructor(readonly text: string) {}

  get position(): number {
    return this.at;
  }

  /** The next character that is no white space; '' at the end. */
  peek(): string {
    let code = this.text.charCodeAt(this.at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = this.text.charCodeAt(++this.at);
    return this.text.charAt(this.at);
  }

  /** Passes a character if it is the next. */
  take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.at += 1;
    return true;
  }

  /** Passes a character that must be the next. */
  expect(character: string): void {
    if (!this.take(character)) throw new NotJson();
  }

  /** Passes a text; it stands with its quotes in the stretch. */
  string(): JsonSpan {
    if (this.peek() !== '"') throw new NotJson();
    const start = this.at;
    let end = this.text.indexOf('"', start + 1);
    while (end !== -1 && this.isEscaped(end)) end = this.text.indexOf('"', end + 1);
    if (end === -1) throw new NotJson();
    this.at = end + 1;
    return { start, end: this.at };
  }

  /** Passes a number, true, false or null. */
  scalar(): JsonSpan {
    this.peek();
    const start = this.at;
    const length = this.match(NUMBER) || this.match(WORD);
    if (length === 0) throw new NotJson();
    this.at += length;
    return { start, end: this.at };
  }

  /** What a text says, its escapes read. */
  decode({ start, end }: JsonSpan): string {
    const raw = this.text.slice(start, end);
    if (!raw.includes('\\')) return raw.slice(1, -1);
    try {
      const value: unknown = JSON.parse(raw);
      return String(value);
    } catch {
      throw new NotJson();
    }
  }

  /** By the backslashes before it, which end at the opening quote at the latest. */
  private isEscaped(quote: number): boolean {
    let before = quote - 1;
    while (this.text.charCodeAt(before) === 0x5c) before -= 1;
    return (quote - before) % 2 === 0;
  }

  private match(pattern: RegExp): number {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text)?.[0].length ?? 0;
  }
}
