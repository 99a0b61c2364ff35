import type { JsonValue } from '@sallyport/kernel';

import { isNumber } from '../compare-numbers.js';
import { badType, type Place } from './shape.js';

const DURATION = /^([1-9]\d{0,8}|0)(s|m|h|d)$/;
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Parses `"20s"`, `"10m"`, `"1h"`, `"7d"` or a whole number of seconds, within a range in seconds. */
export function parseDuration(value: JsonValue | undefined, place: Place, range: { readonly least: number; readonly most: number }): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' && !isNumber(value)) return badType(place, 'a time such as "10m"', value);
  const seconds = typeof value === 'string' ? inSeconds(value) : value;
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= range.least && seconds <= range.most) return seconds;
  place.findings.add('bad_value', place.pointer, `A time is written "20s", "10m", "1h" or "7d", and is ${range.least} to ${range.most} seconds here.`);
  return undefined;
}

/** Writes whole seconds so that `parseDuration` reads them back. */
export function printDuration(seconds: number): string {
  return `${seconds}s`;
}

function inSeconds(text: string): number | undefined {
  const [, count, unit] = DURATION.exec(text) ?? [];
  return unit === undefined ? undefined : Number(count) * (UNIT_SECONDS[unit] ?? Number.NaN);
}
