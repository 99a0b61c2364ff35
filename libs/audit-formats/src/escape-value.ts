/** Controls of C0 and C1, line and paragraph separators, bidirectional marks and the byte order mark: what breaks lines, terminals or the eye. */
const UNSEEN = '\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff';
const IN_CEF = new RegExp(`[\\\\=${UNSEEN}]`, 'g');
const IN_LEEF = new RegExp(`[\\\\${UNSEEN}]`, 'g');
const IN_HEADER = new RegExp(`[\\\\|${UNSEEN}]`, 'g');
const NOT_IN_NAME = new RegExp(`[|${UNSEEN}]`, 'g');

/** A value of a CEF extension: `\` and `=` behind a `\`, line ends as `\n` and `\r`; what else cannot be seen as `\u` and four hexadecimal digits. */
export function cefValue(text: string): string {
  return text.replace(IN_CEF, escaped);
}

/** A value of a LEEF attribute, which has no escapes of its own: as in CEF but for `=`, so that it never holds the delimiter. */
export function leefValue(text: string): string {
  return text.replace(IN_LEEF, escaped);
}

/** A field of a CEF header. */
export function cefHeader(text: string): string {
  return text.replace(IN_HEADER, escaped);
}

/** A field of a LEEF header, where nothing can be escaped. */
export function leefHeader(text: string): string {
  return text.replace(NOT_IN_NAME, '_');
}

/** The value that `cefValue` or `leefValue` wrote. */
export function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-f]{4})|(.))/g, (_, hex: string | undefined, char: string) => (hex === undefined ? (SHORT_BACK[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16))));
}

/** Octets of a text in UTF-8. */
export function octetsOf(text: string): number {
  return utf8.encode(text).length;
}

function escaped(char: string): string {
  return SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const SHORT: Readonly<Record<string, string>> = { '\\': '\\\\', '=': '\\=', '|': '\\|', '\n': '\\n', '\r': '\\r' };
const SHORT_BACK: Readonly<Record<string, string>> = { n: '\n', r: '\r' };
const utf8 = new TextEncoder();
