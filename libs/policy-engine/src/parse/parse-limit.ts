import { parseDecimal, type Decimal, type JsonValue } from '@sallyport/kernel';

import { isNumber } from '../compare-numbers.js';
import type { Limit, LimitWindow } from '../document.js';
import { parsePath } from './parse-path.js';
import { badType, inside, notSupported, objectWith, oneOf, quotedList, textOf, type Fields, type Place } from './shape.js';

const FIELDS: Fields = {
  known: ['counter', 'window', 'max', 'scope', 'increment_from', 'on_deny'],
  required: ['counter', 'window', 'max'],
  later: ['algorithm', 'count', 'class', 'on_exceed'],
};
const WINDOWS = ['minute', 'hour', 'day'] as const;
const LATER_WINDOWS = ['month', 'concurrent'];
const SCOPES = ['grant', 'session'] as const;
const LATER_SCOPES = ['identity', 'server', 'organisation'];
const LONGEST_WINDOW_SECONDS = 31 * 86_400;
const MAX_COUNTER = 128;
const MAX_MESSAGE = 2_000;

/** Parses one element of `limits`; `scope` is `grant` where it is not written. */
export function parseLimit(value: JsonValue, place: Place): Limit | undefined {
  const object = objectWith(value, place, FIELDS);
  if (object === undefined) return undefined;
  const counter = textOf(object['counter'], inside(place, 'counter'), MAX_COUNTER);
  const window = parseWindow(object['window'], inside(place, 'window'));
  const max = parseMax(object['max'], inside(place, 'max'));
  const scope = parseScope(object['scope'] ?? 'grant', inside(place, 'scope'));
  const incrementFrom = parseIncrement(object['increment_from'], inside(place, 'increment_from'));
  const onDeny = textOf(object['on_deny'], inside(place, 'on_deny'), MAX_MESSAGE);
  if (counter === undefined || window === undefined || max === undefined || scope === undefined) return undefined;
  return {
    counter,
    window,
    max,
    scope,
    ...(incrementFrom === undefined ? {} : { incrementFrom }),
    ...(onDeny === undefined ? {} : { onDeny }),
  };
}

/** Parses the sugar `{ "max": 30, "window": 60 }`, `window` in seconds. */
export function parseRateLimit(value: JsonValue, place: Place): { readonly max: Decimal; readonly windowSeconds: number } | undefined {
  const object = objectWith(value, place, { known: ['max', 'window'], required: ['max', 'window'] });
  if (object === undefined) return undefined;
  const max = parseMax(object['max'], inside(place, 'max'));
  const windowSeconds = object['window'] === undefined ? undefined : parseSeconds(object['window'], inside(place, 'window'));
  return max === undefined || windowSeconds === undefined ? undefined : { max, windowSeconds };
}

function parseWindow(value: JsonValue | undefined, place: Place): LimitWindow | undefined {
  if (value === undefined) return undefined;
  const named = WINDOWS.find((each) => each === value);
  if (named !== undefined) return named;
  if (typeof value === 'string' && LATER_WINDOWS.includes(value)) return notSupported(place, value);
  if (isNumber(value)) return parseSeconds(value, place);
  place.findings.add('bad_window', place.pointer, `A window is ${quotedList(WINDOWS)}, or a whole number of seconds.`);
  return undefined;
}

function parseSeconds(value: JsonValue, place: Place): number | undefined {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LONGEST_WINDOW_SECONDS) return value;
  place.findings.add('bad_window', place.pointer, `A window in seconds is a whole number from 1 to ${LONGEST_WINDOW_SECONDS}.`);
  return undefined;
}

function parseMax(value: JsonValue | undefined, place: Place): Decimal | undefined {
  if (value === undefined) return undefined;
  if (!isNumber(value)) return badType(place, 'a number', value);
  const max = parseDecimal(value);
  if (max !== undefined && max.coefficient >= 0n) return max;
  place.findings.add('bad_value', place.pointer, 'This must be 0 or more, and no longer than 400 digits.');
  return undefined;
}

function parseScope(value: JsonValue, place: Place): Limit['scope'] | undefined {
  if (typeof value === 'string' && value.startsWith('argument:')) return notSupported(place, 'argument:');
  return oneOf(value, place, { members: SCOPES, later: LATER_SCOPES });
}

function parseIncrement(value: JsonValue | undefined, place: Place): Limit['incrementFrom'] {
  if (value === undefined) return undefined;
  const path = parsePath(value, place);
  if (path === undefined) return undefined;
  if (path.root === 'args' && path.steps.every((step) => step.kind !== 'each')) return path;
  place.findings.add('bad_path', place.pointer, 'A limit counts one argument: the path starts with args. and has no [*].');
  return undefined;
}
