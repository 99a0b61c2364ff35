import { parseToken } from '@sallyport/tokens';

import { SECRET_FORMATS } from './secret-formats.js';
import { beginsAt, isAlphanumericAt, type TextMatch } from './text-match.js';

const OWN_TOKEN = /sp_[a-z]{3,4}_[0-9A-Za-z]{40}_[0-9A-Za-z]{6}/y;
const AFTER = '(?![0-9A-Za-z])';
const SHORTEST = 16;

/** For each ASCII character, the formats that may begin with it, as one pattern; tried at one place, never searched with. */
const BY_FIRST: readonly (RegExp | undefined)[] = Array.from({ length: 128 }, (_, code) => formatsBeginningWith(String.fromCharCode(code)));

/** Stretches of the characters that formats are made of, and of escapes, long enough for the shortest: words of prose are not. */
const CANDIDATE = /[\w.~+/:=%\\-]{16,}/g;

/**
 * Credentials whose form gives them away: those of well-known issuers, and this product's own, whose checksum must fit.
 * Looks only where a value begins, and no format is longer than some hundred characters.
 */
export function findFormattedSecrets(text: string): readonly TextMatch[] {
  const found: TextMatch[] = [];
  for (const { index, 0: candidate } of text.matchAll(CANDIDATE)) findWithin(text, { start: index, end: index + candidate.length }, found);
  return found;
}

function findWithin(text: string, { start, end: last }: TextMatch, found: TextMatch[]): void {
  let at = start;
  while (at <= last - SHORTEST) {
    const end = canBegin(text, at) ? endOfSecret(text, at) : undefined;
    if (end === undefined) at += 1;
    else {
      found.push({ start: at, end });
      at = end;
    }
  }
}

function canBegin(text: string, at: number): boolean {
  return isAlphanumericAt(text, at) && beginsAt(text, at);
}

function endOfSecret(text: string, at: number): number | undefined {
  return endOf(BY_FIRST[text.charCodeAt(at)], text, at) ?? endOfOwnToken(text, at);
}

function endOfOwnToken(text: string, at: number): number | undefined {
  const end = endOf(OWN_TOKEN, text, at);
  return end === undefined || parseToken(text.slice(at, end)) === undefined ? undefined : end;
}

function endOf(pattern: RegExp | undefined, text: string, at: number): number | undefined {
  if (pattern === undefined) return undefined;
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function formatsBeginningWith(first: string): RegExp | undefined {
  const mayBegin = Object.values(SECRET_FORMATS).filter((source) => firstCharacters(source).test(first));
  return mayBegin.length === 0 ? undefined : new RegExp(`(?:${mayBegin.join('|')})${AFTER}`, 'y');
}

/** The set of characters a format's pattern can begin with: its first literal, its first class, or those of its alternatives. */
function firstCharacters(source: string): RegExp {
  if (source.startsWith('(?:')) {
    const alternatives = source.slice(3, source.indexOf(')')).split('|');
    return new RegExp(`^(?:${alternatives.map((each) => firstCharacters(each).source).join('|')})`);
  }
  return new RegExp(`^(?:${/^(?:\[[^\]]+\]|\\.|.)/.exec(source)?.[0] ?? ''})`);
}
