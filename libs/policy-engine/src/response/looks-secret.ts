import { DETECTORS } from '../document.js';
import type { SecretKind } from './secret-names.js';

const LEAST_LENGTH = { password: 8, credential: 16 } as const;
const LONGEST = 4_096;
const LEAST_BITS_A_CHARACTER = 2.5;
/** Values that stand where a secret would go: variables, words in brackets, what is already masked or hashed. */
const PLACEHOLDER = /^(?:[<[{(].*[>\]})]|\$.*|%\w+%|process\.env\b.*|(?:your|my|the|some|example|sample|dummy|placeholder|changeme|redacted|insert|replace|enter)[-_ ].*|.*(?:\*{3}|x{4}|X{4}|\.{3}|…).*)$/is;
const REPLACED = new RegExp(`^\\[(?:${DETECTORS.join('|')}|path):[^\\]]*\\]?$`);
const DATE = /^\d{4}-\d\d-\d\d(?:$|[T ])/;
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;
const WORDS = /^[A-Za-z]+(?:[._/ -][A-Za-z]+)*$/;

/**
 * Whether a value named as a secret is one, rather than a placeholder, a description or a date. A machine's credential has
 * at least 16 characters with letters and digits mixed, a password at least 8 that are not only letters.
 */
export function looksSecret(value: string, kind: SecretKind): boolean {
  if (value.length < LEAST_LENGTH[kind] || value.length > LONGEST || /\s/.test(value)) return false;
  if (REPLACED.test(value) || PLACEHOLDER.test(value) || DATE.test(value) || WORDS.test(value)) return false;
  if (kind === 'password') return /[0-9A-Za-z]/.test(value) && bitsACharacter(value) > 2;
  return /\d/.test(value) && /[A-Za-z]/.test(value) && !ADDRESS.test(value) && bitsACharacter(value) >= LEAST_BITS_A_CHARACTER;
}

/** Shannon's entropy of the characters' distribution. */
function bitsACharacter(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}
