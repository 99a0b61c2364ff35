import type { TextMatch } from './text-match.js';

const BEGIN = /-{4,5} ?BEGIN [0-9A-Z ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}|\bPrivate-Lines: \d{1,4}/g;
const END = /-{4,5} ?END [0-9A-Z ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}/g;
/** Line breaks of any make, those written as escapes too, once or twice over. */
const GAP = String.raw`(?:[\s>|"',]|\\{1,4}[nrt])`;
const LINE = '[0-9A-Za-z+/=]';
const BODY = new RegExp(`${GAP}*(?:(?:Proc-Type|DEK-Info|Version|Comment): ?[^\\\\\\n]{0,120}${GAP}+)*(?:${LINE}{16,}(?:${GAP}+|$))*${LINE}*`, 'y');
const LEAST_BODY = 24;
const GAPS = new RegExp(`${GAP}+`);
const WHOLE_LINE = /^[0-9A-Za-z+/=]{16,}$/;
const LAST_LINE = /^[0-9A-Za-z+/=]*$/;
const LONGEST_KEY = 65_536;

/** What is found of private keys in one text; `isOpen`: the last key goes on in whatever text comes next. */
export interface PrivateKeys {
  readonly matches: readonly TextMatch[];
  readonly isOpen: boolean;
}

/** The detector `private_key`: PEM, OpenSSH, PGP and PuTTY forms, armour included, with real line breaks or escaped ones, closed or cut off. */
export function findPrivateKeys(text: string): PrivateKeys {
  if (!text.includes('PRIVATE KEY') && !text.includes('Private-Lines')) return { matches: [], isOpen: false };
  const matches: TextMatch[] = [];
  const ends = Array.from(text.matchAll(END), (match) => ({ start: match.index, end: match.index + match[0].length }));
  const begins = Array.from(text.matchAll(BEGIN), (match) => ({ start: match.index, end: match.index + match[0].length }));
  let nextEnd = 0;
  for (const [index, begin] of begins.entries()) {
    while ((ends[nextEnd]?.start ?? Infinity) < begin.end) nextEnd += 1;
    const close = ends[nextEnd];
    const limit = begins[index + 1]?.start ?? text.length;
    const end = close !== undefined && close.start < limit ? closedEnd(text, begin, close) : openEnd(text, begin, limit);
    if (end !== undefined) matches.push({ start: begin.start, end });
  }
  return { matches, isOpen: isOpenAtEnd(text, begins.at(-1), ends.at(-1)) };
}

/**
 * What of a text that follows an open key still belongs to it, and whether the key is open after it. For keys whose lines
 * come as a list, one text each.
 */
export function continuePrivateKey(text: string): PrivateKeys {
  const close = text.slice(0, LONGEST_KEY).matchAll(END).next().value;
  if (close !== undefined && isKeyBody(text.slice(0, close.index), LAST_LINE)) {
    return { matches: [{ start: 0, end: close.index + close[0].length }], isOpen: false };
  }
  return isKeyBody(text, WHOLE_LINE) ? { matches: [{ start: 0, end: text.length }], isOpen: true } : { matches: [], isOpen: false };
}

function isKeyBody(text: string, line: RegExp): boolean {
  const lines = text.split(GAPS).filter((each) => each !== '');
  return text.length <= LONGEST_KEY && lines.every((each, index) => (index === lines.length - 1 ? LAST_LINE : line).test(each)) && (lines.length > 0 || line === LAST_LINE);
}

function closedEnd(text: string, begin: TextMatch, close: TextMatch): number | undefined {
  return lettersIn(text.slice(begin.end, close.start)) < LEAST_BODY ? undefined : close.end;
}

/** The end of a key that is cut off, at `limit` at the latest. */
function openEnd(text: string, begin: TextMatch, limit: number): number | undefined {
  const body = bodyAt(text, begin.end, limit);
  return lettersIn(body) < LEAST_BODY ? undefined : begin.end + body.length;
}

function bodyAt(text: string, at: number, limit: number): string {
  BODY.lastIndex = 0;
  return BODY.exec(text.slice(at, Math.min(limit, at + LONGEST_KEY)))?.[0] ?? '';
}

function lettersIn(text: string): number {
  return text.replace(/[^0-9A-Za-z+/=]/g, '').length;
}

function isOpenAtEnd(text: string, begin: TextMatch | undefined, close: TextMatch | undefined): boolean {
  if (begin === undefined || (close !== undefined && close.start > begin.start)) return false;
  return begin.end + bodyAt(text, begin.end, text.length).length >= text.length;
}
