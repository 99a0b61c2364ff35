import { branded } from '@sallyport/kernel';

import type { RpcId, Span } from './frame.js';
import { BYTE, type JsonScanner } from './json-scanner.js';
import { foldKey } from './key-fold.js';

/** A string, or `null` after validating whatever else is there. */
export function readStringOr(scanner: JsonScanner, depth: number): string | null {
  if (scanner.peek() === BYTE.quote) return scanner.readString();
  scanner.value(depth, false);
  return null;
}

/** PostgreSQL cannot store a NUL, and C programs end a name there: names with one are refused rather than read two ways. */
export function withoutNul(scanner: JsonScanner, text: string): string {
  return text.includes('\0') ? scanner.fail('nul_character') : text;
}

/** An id's source text: a string or a number. */
export function readId(scanner: JsonScanner): RpcId {
  const first = scanner.peek();
  if (first !== BYTE.quote && first !== 0x2d && !(first >= 0x30 && first <= 0x39)) scanner.fail('not_json_rpc');
  const start = scanner.at;
  scanner.value(2, false);
  scanner.lastStart = start;
  return branded<RpcId>(scanner.bytes.toString('utf8', start, scanner.at));
}

/** Where the string or id read last stands. */
export function spanOf(scanner: JsonScanner, value: string | null): Span | null {
  return value === null ? null : { start: scanner.lastStart, end: scanner.at };
}

/** Refuses a key that is no known one but folds to one. */
export function refuseKnownVariant(scanner: JsonScanner, key: string, known: ReadonlyMap<string, string>): void {
  const exact = known.get(foldKey(key));
  if (exact !== undefined && exact !== key) scanner.fail('key_variant');
}

/** Known keys by their folded form. */
export function foldedKeys(keys: readonly string[]): ReadonlyMap<string, string> {
  return new Map(keys.map((key) => [foldKey(key), key]));
}
