/** A stretch [start, end) of a text, in UTF-16 units, that a detector found. */
export interface TextMatch {
  readonly start: number;
  readonly end: number;
}

/** Escapes that end in a letter or digit: `%3D`, `\n`, `\u003d`. */
const ESCAPE = /^(?:%[0-9A-Fa-f]{2}|\\[bfnrt]|\\u[0-9A-Fa-f]{4})$/;
const PERCENT = 0x25;
const BACKSLASH = 0x5c;

/** Whether the character at an index is an ASCII letter or digit; outside the text none is. */
export function isAlphanumericAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a);
}

/**
 * Whether a value can begin at an index: no letter or digit stands before it, or only one that ends an escape, as in
 * `token%3Dabc` or in JSON inside a text.
 */
export function beginsAt(text: string, at: number): boolean {
  if (at === 0 || !isAlphanumericAt(text, at - 1)) return true;
  if (text.charCodeAt(at - 2) === BACKSLASH) return ESCAPE.test(text.slice(at - 2, at));
  if (text.charCodeAt(at - 3) === PERCENT) return ESCAPE.test(text.slice(at - 3, at));
  return text.charCodeAt(at - 6) === BACKSLASH && ESCAPE.test(text.slice(at - 6, at));
}

/** One list of stretches from several: in order, those that overlap joined to one. */
export function joined(lists: readonly (readonly TextMatch[])[]): readonly TextMatch[] {
  const sorted = lists.flat().sort((left, right) => left.start - right.start || left.end - right.end);
  const result: TextMatch[] = [];
  for (const match of sorted) {
    const last = result.at(-1);
    if (last === undefined || match.start >= last.end) result.push(match);
    else if (match.end > last.end) result[result.length - 1] = { start: last.start, end: match.end };
  }
  return result;
}
