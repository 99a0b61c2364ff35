import { looksSecret } from './looks-secret.js';
import { secretKindOf } from './secret-names.js';
import { isAlphanumericAt, type TextMatch } from './text-match.js';

const LONGEST_NAME = 80;
const WIDEST_GAP = 3;
const NAME_CHARACTER = /[\w.-]/;
/** A refused value this long is not searched for names again, which bounds how often a stretch is read. */
const LONG_VALUE = 256;
/** What follows the sign: `=`, `:`, `=>`, `:=`, then a value in quotes, escaped quotes, or bare. */
const VALUE = /[=:]?>?[ \t]{0,3}(?:\\?(["'`])|)([^\s"'`,;&|<>(){}\\]{1,2048})/y;
const SIGN = /[=:]/g;
const SCHEME = /\b(?:bearer|basic)[ \t]{1,3}([\w.~+/-]{20,4096}={0,2})/gi;
const LOGIN_IN_ADDRESS = /:\/\/[^\s:/?#@"'<>\\]{0,128}:([^\s/?#@"'<>\\]{1,256})@(?=[\w[])/g;
const NO_PASSWORD = /^(?:pass(?:word|wd)?|pwd|secret|token|x+|\*+|\$.*|[<{[%].*|\.{3})$/i;

/**
 * Secrets told by what stands beside them: `DB_PASSWORD=…`, `"clientSecret": "…"`, `Authorization: Bearer …`, and the
 * password in `postgres://user:…@host`. The value alone is found, not its name.
 */
export function findNamedSecrets(text: string): readonly TextMatch[] {
  return [...findAssigned(text), ...findCaptured(text, SCHEME, isCredential), ...findCaptured(text, LOGIN_IN_ADDRESS, (value) => !NO_PASSWORD.test(value))];
}

function findAssigned(text: string): readonly TextMatch[] {
  const found: TextMatch[] = [];
  let from = 0;
  for (const { index } of text.matchAll(SIGN)) {
    const kind = index < from ? undefined : secretKindOf(nameBefore(text, index));
    const value = kind === undefined ? undefined : valueAfter(text, index + 1);
    if (kind === undefined || value === undefined) continue;
    const isSecret = looksSecret(text.slice(value.start, value.end), kind);
    if (isSecret) found.push(value);
    if (isSecret || value.end - value.start > LONG_VALUE) from = value.end;
  }
  return found;
}

/** The name that ends right before a sign, quotes and some space between them apart; '' where none does. `[secret:…]` is what replaced a secret. */
function nameBefore(text: string, sign: number): string {
  let end = sign;
  while (end > sign - WIDEST_GAP && (text[end - 1] === ' ' || text[end - 1] === '\t')) end -= 1;
  if (/["'`]/.test(text[end - 1] ?? '')) end -= text[end - 2] === '\\' ? 2 : 1;
  let start = end;
  while (end - start < LONGEST_NAME && (isAlphanumericAt(text, start - 1) || NAME_CHARACTER.test(text.charAt(start - 1)))) start -= 1;
  return text[start - 1] === '[' ? '' : text.slice(start, end);
}

function valueAfter(text: string, at: number): TextMatch | undefined {
  VALUE.lastIndex = at;
  const match = VALUE.exec(text);
  if (match === null) return undefined;
  const value = match[2] ?? '';
  const trimmed = value.replace(/[.:!?\]]+$/, '');
  const start = VALUE.lastIndex - value.length;
  return { start, end: start + trimmed.length };
}

function findCaptured(text: string, pattern: RegExp, isSecret: (value: string) => boolean): readonly TextMatch[] {
  const found: TextMatch[] = [];
  for (const match of text.matchAll(pattern)) {
    const value = match[1] ?? '';
    const start = match.index + match[0].lastIndexOf(value);
    if (isSecret(value)) found.push({ start, end: start + value.length });
  }
  return found;
}

function isCredential(value: string): boolean {
  return looksSecret(value, 'credential');
}
