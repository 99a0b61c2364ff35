import type { JsonValue } from '@sallyport/kernel';

import { canonicalValue } from '../canonical-value.js';
import { compareNumbers, isNumber } from '../compare-numbers.js';
import { canonicalHost, isHostOf } from '../conditions/host.js';
import { compileOperator } from '../conditions/operators.js';
import type { Compilation } from '../conditions/compilation.js';
import type { Meter, Truth } from '../conditions/truth.js';
import type { Comparison } from '../document.js';
import type { Region } from './place-values.js';
import { TRUTH } from './truths.js';

/**
 * What a comparison is for the values of a region: one truth; or a question of its own, which has one of `truths` as its
 * answer and is the same question wherever its key is the same; or a question of the value's length.
 */
export type Cell =
  | { readonly kind: 'truth'; readonly truth: number }
  | { readonly kind: 'question'; readonly key: string; readonly truths: readonly number[] }
  | { readonly kind: 'length' };

const { no, yes, unknown, error } = TRUTH;
const EITHER = [no, yes];
const PERHAPS = [no, yes, unknown];
const PERHAPS_NOT = [yes, no, unknown];
const LENGTH: Cell = { kind: 'length' };

/** What testing values may cost together; a value left untested becomes a question. */
export interface Testing {
  readonly compilation: Compilation;
  readonly meter: Meter;
}

/** Tells what a comparison is for one region of its place. */
export function cellOf(comparison: Comparison, region: Region, testing: Testing): Cell {
  const { op, value } = comparison;
  if (op === 'exists') return truth(isThere(region) === (value === true) ? yes : no);
  switch (region.kind) {
    case 'absent':
      return truth(unknown);
    case 'one':
      return oneCell(comparison, region.value, compileOperator(op, value, testing.compilation)(region.value, testing.meter));
    case 'between':
      return betweenCell(comparison, region);
    case 'other':
      return otherCell(comparison, region.type);
  }
}

/** The question a comparison is where its values are not told apart: the same for comparisons that ask the same. */
export function questionOf(comparison: Comparison): Extract<Cell, { kind: 'question' }> {
  const { op, value } = comparison;
  if (op === 'host_in' || op === 'host_not_in') {
    return { kind: 'question', key: `host_in ${hostList(value)}`, truths: op === 'host_in' ? PERHAPS : PERHAPS_NOT };
  }
  return { kind: 'question', key: `${op} ${canonicalValue(value)}`, truths: op === 'matches_schema' ? [...PERHAPS, error] : PERHAPS };
}

/** One value that was tested; it is asked about where testing it would have cost too much. */
function oneCell(comparison: Comparison, value: JsonValue, tested: Truth): Cell {
  return tested === 'error' ? questionAbout(comparison, `${canonicalValue(value)} `) : truth(TRUTH[tested]);
}

function isThere(region: Region): boolean {
  return region.kind !== 'absent' && !(region.kind === 'one' && region.value === null);
}

function betweenCell(comparison: Comparison, { low, high }: Extract<Region, { kind: 'between' }>): Cell {
  const { op, value } = comparison;
  switch (op) {
    case 'eq':
    case 'in':
      return truth(no);
    case 'neq':
    case 'not_in':
      return truth(yes);
    case 'lt':
    case 'lte':
      return truth(isNumber(value) ? truthOf(high !== undefined && (compareNumbers(high, value) ?? 1) <= 0) : unknown);
    case 'gt':
    case 'gte':
      return truth(isNumber(value) ? truthOf(low !== undefined && (compareNumbers(low, value) ?? -1) >= 0) : unknown);
    case 'matches_schema':
      return questionAbout(comparison, `number ${low === undefined ? '' : canonicalValue(low)} `);
    default:
      return truth(unknown);
  }
}

function otherCell(comparison: Comparison, type: 'string' | 'array' | 'object'): Cell {
  switch (comparison.op) {
    case 'eq':
    case 'in':
      return truth(no);
    case 'neq':
    case 'not_in':
      return truth(yes);
    case 'length_gt':
    case 'length_lt':
      return type === 'object' ? truth(unknown) : LENGTH;
    case 'contains':
      if (type === 'array') return questionAbout(comparison, 'array ', EITHER);
      return type === 'string' ? textCell(comparison) : truth(unknown);
    case 'regex':
    case 'starts_with':
    case 'ends_with':
      return type === 'string' ? textCell(comparison) : truth(unknown);
    case 'host_in':
    case 'host_not_in':
      return type === 'string' ? questionOf(comparison) : truth(unknown);
    case 'matches_schema':
      return questionAbout(comparison, `${type} `);
    default:
      return truth(unknown);
  }
}

/** Every text contains the empty one, and starts and ends with it. */
function textCell(comparison: Comparison): Cell {
  if (typeof comparison.value !== 'string') return truth(unknown);
  return comparison.value === '' && comparison.op !== 'regex' ? truth(yes) : questionAbout(comparison, 'string ', EITHER);
}

function questionAbout(comparison: Comparison, where: string, truths?: readonly number[]): Cell {
  const question = questionOf(comparison);
  return { ...question, key: where + question.key, truths: truths ?? question.truths };
}

/** Hosts in their one form, without those that are sub-domains of another. */
function hostList(value: JsonValue): string {
  const listed = Array.isArray(value) ? (value as readonly JsonValue[]).map((each) => (typeof each === 'string' ? (canonicalHost(each) ?? each) : canonicalValue(each))) : [];
  const hosts = new Set(listed);
  const widest = [...hosts].filter((host) => !isHostOf(host, new Set([...hosts].filter((other) => other !== host))));
  return canonicalValue(widest.sort());
}

function truthOf(holds: boolean): number {
  return holds ? yes : no;
}

function truth(value: number): Cell {
  return { kind: 'truth', truth: value };
}
