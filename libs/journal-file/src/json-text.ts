/** Up to here a loop over the characters is faster than the regular expression. */
const SHORT = 80;
const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const BEYOND_ASCII = /[^\x00-\x7f]/g;

/** A JSON string or `null`, in ASCII alone: what lies beyond is escaped, so text and bytes have one length. */
export function quoted(text: string | null): string {
  if (text === null) return 'null';
  return isPlain(text) ? `"${text}"` : JSON.stringify(text).replace(BEYOND_ASCII, escaped);
}

/** A JSON number. One that JSON cannot say becomes `null`, as with `JSON.stringify`: the text can always be read back. */
export function numeric(value: number | null): string {
  return value === null || !Number.isFinite(value) ? 'null' : String(value);
}

/** A JSON array of strings. */
export function quotedList(texts: readonly string[]): string {
  let list = '';
  for (const text of texts) list += list === '' ? quoted(text) : `,${quoted(text)}`;
  return `[${list}]`;
}

/** Any plain value as JSON, in ASCII alone. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(BEYOND_ASCII, escaped);
}

/** The text of the number asked for last, kept: the times of calls in one turn of the loop, and of windows, are alike. */
export class RepeatedNumber {
  private value = Number.NaN;
  private text = 'null';

  textOf(value: number): string {
    if (value !== this.value) {
      this.value = value;
      this.text = numeric(value);
    }
    return this.text;
  }
}

/** Whether a string needs no escape and is printable ASCII. */
function isPlain(text: string): boolean {
  if (text.length > SHORT) return PLAIN.test(text);
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < FIRST_PRINTABLE || unit > LAST_PRINTABLE || unit === QUOTE || unit === BACKSLASH) return false;
  }
  return true;
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
