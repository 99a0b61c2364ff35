import type { JsonValue } from '@sallyport/kernel';

import { compareNumbers, isNumber } from '../compare-numbers.js';
import type { Op } from '../document.js';
import { jsonEquals } from '../json-equals.js';
import { compileSchema } from '../schema/compile-schema.js';
import { codePoints } from './code-points.js';
import type { Compilation } from './compilation.js';
import { canonicalHost, hostOfUrl, isHostOf } from './host.js';
import type { Pattern, PatternCache } from './pattern.js';
import type { Meter, Truth } from './truth.js';

/** Tests a value that is present. */
export type ValueTest = (actual: JsonValue, meter: Meter) => Truth;

/** Prepares an operator with its operand. `exists` is not among them: it is about the absence of a value. */
export function compileOperator(op: Exclude<Op, 'exists'>, operand: JsonValue, { patterns }: Compilation): ValueTest {
  switch (op) {
    case 'eq':
      return equalTo(operand);
    case 'neq':
      return negated(equalTo(operand));
    case 'in':
      return memberOf(operand);
    case 'not_in':
      return negated(memberOf(operand));
    case 'lt':
      return ordered(operand, (order) => order < 0);
    case 'lte':
      return ordered(operand, (order) => order <= 0);
    case 'gt':
      return ordered(operand, (order) => order > 0);
    case 'gte':
      return ordered(operand, (order) => order >= 0);
    case 'regex':
      return matching(operand, patterns);
    case 'contains':
      return containing(operand);
    case 'starts_with':
      return onText(operand, (actual, text) => actual.startsWith(text));
    case 'ends_with':
      return onText(operand, (actual, text) => actual.endsWith(text));
    case 'length_gt':
      return measured(operand, (order) => order > 0);
    case 'length_lt':
      return measured(operand, (order) => order < 0);
    case 'host_in':
      return hostAmong(operand);
    case 'host_not_in':
      return negated(hostAmong(operand));
    case 'matches_schema':
      return validBy(operand, patterns);
  }
}

function equalTo(operand: JsonValue): ValueTest {
  if (typeof operand === 'string' || typeof operand === 'boolean' || operand === null) return (actual) => claim(actual === operand);
  return (actual) => claim(jsonEquals(actual, operand));
}

function memberOf(operand: JsonValue): ValueTest {
  if (!Array.isArray(operand)) return () => 'unknown';
  const list = operand as readonly JsonValue[];
  const texts = new Set<JsonValue>(list.filter((item) => typeof item === 'string'));
  const others = list.filter((item) => typeof item !== 'string');
  return (actual) => claim(typeof actual === 'string' ? texts.has(actual) : others.some((item) => jsonEquals(actual, item)));
}

function ordered(operand: JsonValue, holds: (order: number) => boolean): ValueTest {
  if (!isNumber(operand)) return () => 'unknown';
  return (actual) => {
    const order = isNumber(actual) ? compareNumbers(actual, operand) : undefined;
    return order === undefined ? 'unknown' : claim(holds(order));
  };
}

function matching(operand: JsonValue, patterns: PatternCache): ValueTest {
  const compiled = typeof operand === 'string' ? patterns.get(operand) : undefined;
  if (compiled?.ok !== true) return () => 'error';
  const pattern = compiled.value;
  return (actual, meter) => {
    if (typeof actual !== 'string') return 'unknown';
    meter.stepsLeft -= actual.length * pattern.size;
    return meter.stepsLeft < 0 ? 'error' : search(pattern, actual);
  };
}

function search(pattern: Pattern, text: string): Truth {
  try {
    return claim(pattern.find(text));
  } catch {
    // Whatever stops the pattern engine must deny this call, not fail the caller of `decide`.
    return 'error';
  }
}

function containing(operand: JsonValue): ValueTest {
  return (actual) => {
    if (Array.isArray(actual)) return claim((actual as readonly JsonValue[]).some((item) => jsonEquals(item, operand)));
    return typeof actual === 'string' && typeof operand === 'string' ? claim(actual.includes(operand)) : 'unknown';
  };
}

function onText(operand: JsonValue, holds: (actual: string, text: string) => boolean): ValueTest {
  if (typeof operand !== 'string') return () => 'unknown';
  return (actual) => (typeof actual === 'string' ? claim(holds(actual, operand)) : 'unknown');
}

/** The length of a text in code points, of a list in elements. */
function measured(operand: JsonValue, holds: (order: number) => boolean): ValueTest {
  const compare = ordered(operand, holds);
  return (actual, meter) => {
    if (Array.isArray(actual)) return compare(actual.length, meter);
    return typeof actual === 'string' ? compare(codePoints(actual), meter) : 'unknown';
  };
}

function validBy(schema: JsonValue, patterns: PatternCache): ValueTest {
  const test = compileSchema(schema, patterns);
  return (actual, meter) => {
    const isValid = test(actual, meter);
    return meter.stepsLeft >= 0 ? claim(isValid) : 'error';
  };
}

function hostAmong(operand: JsonValue): ValueTest {
  const hosts = new Set<string>();
  for (const each of Array.isArray(operand) ? (operand as readonly JsonValue[]) : []) {
    const host = typeof each === 'string' ? canonicalHost(each) : undefined;
    if (host !== undefined) hosts.add(host);
  }
  return (actual) => {
    const host = typeof actual === 'string' ? hostOfUrl(actual) : undefined;
    return host === undefined ? 'unknown' : claim(isHostOf(host, hosts));
  };
}

function negated(test: ValueTest): ValueTest {
  return (actual, meter) => {
    const truth = test(actual, meter);
    if (truth === 'yes') return 'no';
    return truth === 'no' ? 'yes' : truth;
  };
}

function claim(holds: boolean): Truth {
  return holds ? 'yes' : 'no';
}
