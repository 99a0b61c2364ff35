import type { EpochMs } from '@sallyport/kernel';
import { parseDecimal } from '@sallyport/kernel';

import { counterFault } from './counter-store-faults.js';
import type { CounterAlgorithm, CounterSeed } from './counter-store.js';

/** Whose counter it is, within one policy. */
export interface CounterName {
  readonly counter: string;
  readonly scope: string;
  readonly scopeValue: string;
  /** `fixed` when left out. A counter whose algorithm changes starts anew. */
  readonly algorithm?: CounterAlgorithm;
}

/** What a stored decision says it took: units as plain decimal text. */
export interface StoredCharge {
  readonly key: string;
  readonly windowStartMs: EpochMs;
  readonly windowEndMs: EpochMs;
  readonly units: string;
}

const SPECIAL = /[%/]/;
const SPECIALS = /[%/]/g;
const ESCAPES: Readonly<Record<string, string>> = { '%': '%25', '/': '%2F' };
const SCOPE_PART = 3;
const PARTS = 5;

/**
 * A counter's key, `<prefix><counter>/<scope>/<scope value>`, the scope marked when the counter is not of fixed windows.
 * `/` and `%` in names and values are escaped, so that no value makes one counter's key another's.
 *
 * @param prefix `<organisation>/<policy>/`.
 */
export function counterKey(prefix: string, { counter, scope, scopeValue, algorithm }: CounterName): string {
  const mark = algorithm === undefined || algorithm === 'fixed' ? '' : `${algorithm}:`;
  return `${prefix}${escaped(counter)}/${mark}${escaped(scope)}/${escaped(scopeValue)}`;
}

/** The organisation of a key. */
export function organisationOfKey(key: string): string {
  const end = key.indexOf('/');
  return end < 0 ? key : key.slice(0, end);
}

/**
 * What a stored charge puts back; `undefined` for a call in flight, which ended with its process.
 *
 * @throws {Fault} `counter.invalid_ask` when its units are no decimal: left out, it would be counted too low.
 */
export function seedOfCharge(charge: StoredCharge): CounterSeed | undefined {
  const units = parseDecimal(charge.units);
  const parts = charge.key.split('/');
  const scope = parts.length === PARTS ? (parts[SCOPE_PART] ?? '') : '';
  if (units === undefined) throw counterFault.invalid_ask('the units of a stored charge are no decimal');
  if (scope.startsWith('concurrent:')) return undefined;
  const { key, windowStartMs, windowEndMs } = charge;
  const seed = { key, windowStartMs, windowEndMs, units };
  return scope.startsWith('sliding:') ? { ...seed, algorithm: 'sliding' } : seed;
}

function escaped(text: string): string {
  return SPECIAL.test(text) ? text.replace(SPECIALS, (character) => ESCAPES[character] ?? character) : text;
}
