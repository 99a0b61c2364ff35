import { parseDecimal, type Decimal, type JsonObject, type JsonValue } from '@sallyport/kernel';

import { isNumber } from '../compare-numbers.js';
import { LIMIT_DEFAULTS, NAMED_SCOPES, NAMED_WINDOWS, type Limit, type LimitScope, type LimitWindow, type Path } from '../document.js';
import { parsePath } from './parse-path.js';
import { badType, inside, objectWith, oneOf, optional, quotedList, textOf, type DocumentPlace, type Fields } from './shape.js';

const FIELDS: Fields = {
  known: ['counter', 'window', 'max', 'scope', 'algorithm', 'increment_from', 'count', 'class', 'on_exceed', 'on_deny'],
  required: ['counter', 'window', 'max'],
};
const LONGEST_WINDOW_SECONDS = 31 * 86_400;
const MAX_COUNTER = 128;
const MAX_MESSAGE = 2_000;
const ARGUMENT = 'argument:';

/** Parses one element of `limits`; what is not written has its default. */
export function parseLimit(value: JsonValue, place: DocumentPlace): Limit | undefined {
  const object = objectWith(value, place, FIELDS);
  if (object === undefined) return undefined;
  const counter = textOf(object['counter'], inside(place, 'counter'), MAX_COUNTER);
  const window = parseWindow(object['window'], inside(place, 'window'));
  const max = parseMax(object['max'], inside(place, 'max'));
  const scope = parseScope(object['scope'] ?? LIMIT_DEFAULTS.scope, inside(place, 'scope'));
  const settings = parseSettings(object, place);
  const incrementFrom = parseIncrement(object['increment_from'], inside(place, 'increment_from'));
  const onDeny = textOf(object['on_deny'], inside(place, 'on_deny'), MAX_MESSAGE);
  if (counter === undefined || window === undefined || max === undefined || scope === undefined) return undefined;
  const limit: Limit = { counter, window, max, scope, ...settings, ...optional('incrementFrom', incrementFrom), ...optional('onDeny', onDeny) };
  checkWindow(limit, place);
  return limit;
}

/** Parses the sugar `{ "max": 30, "window": 60 }`, `window` in seconds. */
export function parseRateLimit(value: JsonValue, place: DocumentPlace): { readonly max: Decimal; readonly windowSeconds: number } | undefined {
  const object = objectWith(value, place, { known: ['max', 'window'], required: ['max', 'window'] });
  if (object === undefined) return undefined;
  const max = parseMax(object['max'], inside(place, 'max'));
  const windowSeconds = object['window'] === undefined ? undefined : parseSeconds(object['window'], inside(place, 'window'));
  return max === undefined || windowSeconds === undefined ? undefined : { max, windowSeconds };
}

function parseSettings(object: JsonObject, place: DocumentPlace): Pick<Limit, 'algorithm' | 'count' | 'class' | 'onExceed'> {
  return {
    algorithm: oneOf(object['algorithm'], inside(place, 'algorithm'), ['fixed', 'sliding'] as const) ?? LIMIT_DEFAULTS.algorithm,
    count: oneOf(object['count'], inside(place, 'count'), ['call', 'success'] as const) ?? LIMIT_DEFAULTS.count,
    class: oneOf(object['class'], inside(place, 'class'), ['hard', 'soft'] as const) ?? LIMIT_DEFAULTS.class,
    onExceed: oneOf(object['on_exceed'], inside(place, 'on_exceed'), ['deny', 'require_approval'] as const) ?? LIMIT_DEFAULTS.onExceed,
  };
}

/** Refuses the settings that mean nothing for a window. */
function checkWindow({ window, algorithm, incrementFrom, count }: Limit, { findings, pointer }: DocumentPlace): void {
  if (window === 'month' && algorithm === 'sliding') {
    findings.add('bad_window', `${pointer}/window`, 'Months differ in length, so a sliding limit has no month.', 'Use a number of seconds, or "fixed".');
  }
  if (window !== 'concurrent') return;
  const why = 'A concurrent limit counts the calls in flight, each as 1 until it ends';
  if (algorithm === 'sliding') findings.add('bad_value', `${pointer}/algorithm`, `${why}; it has no window to slide.`);
  if (incrementFrom !== undefined) findings.add('bad_value', `${pointer}/increment_from`, `${why}.`);
  if (count === 'success') findings.add('bad_value', `${pointer}/count`, `${why}, whatever comes of it.`);
}

function parseWindow(value: JsonValue | undefined, place: DocumentPlace): LimitWindow | undefined {
  if (value === undefined) return undefined;
  const named = NAMED_WINDOWS.find((each) => each === value);
  if (named !== undefined) return named;
  if (isNumber(value)) return parseSeconds(value, place);
  place.findings.add('bad_window', place.pointer, `A window is ${quotedList(NAMED_WINDOWS)}, or a whole number of seconds.`);
  return undefined;
}

function parseSeconds(value: JsonValue, place: DocumentPlace): number | undefined {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LONGEST_WINDOW_SECONDS) return value;
  place.findings.add('bad_window', place.pointer, `A window in seconds is a whole number from 1 to ${LONGEST_WINDOW_SECONDS}.`);
  return undefined;
}

function parseMax(value: JsonValue | undefined, place: DocumentPlace): Decimal | undefined {
  if (value === undefined) return undefined;
  if (!isNumber(value)) return badType(place, 'a number', value);
  const max = parseDecimal(value);
  if (max !== undefined && max.coefficient >= 0n) return max;
  place.findings.add('bad_value', place.pointer, 'This must be 0 or more, and no longer than 400 digits.');
  return undefined;
}

function parseScope(value: JsonValue, place: DocumentPlace): LimitScope | undefined {
  if (typeof value !== 'string' || !value.startsWith(ARGUMENT)) return oneOf(value, place, NAMED_SCOPES);
  const argument = oneArgument(value.slice(ARGUMENT.length), place, 'A scope names one argument: argument:args.<name>, without [*].');
  return argument === undefined ? undefined : { argument };
}

function parseIncrement(value: JsonValue | undefined, place: DocumentPlace): Path | undefined {
  return value === undefined ? undefined : oneArgument(value, place, 'A limit counts one argument: the path starts with args. and has no [*].');
}

function oneArgument(value: JsonValue, place: DocumentPlace, how: string): Path | undefined {
  const path = parsePath(value, place);
  if (path === undefined) return undefined;
  if (path.root === 'args' && path.steps.every((step) => step.kind !== 'each')) return path;
  place.findings.add('bad_path', place.pointer, how);
  return undefined;
}
