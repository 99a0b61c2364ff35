import { ExactNumber } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { Compilation } from '../conditions/compilation.js';
import { OPS, type Comparison, type Op } from '../document.js';
import { aComparison } from '../testing/a-condition.js';
import { cellOf, questionOf } from './comparison-cells.js';
import type { Region } from './place-values.js';
import { TRUTH } from './truths.js';

const testing = (stepsLeft = 1_000) => ({ compilation: new Compilation(), meter: { stepsLeft } });
const NAMES = Object.keys(TRUTH);

/** A cell in a few words: a truth, or a question's key and the truths it has as answers. */
function said(comparison: Comparison, region: Region, stepsLeft?: number): string {
  const cell = cellOf(comparison, region, testing(stepsLeft));
  if (cell.kind === 'length') return 'length';
  return cell.kind === 'truth' ? String(NAMES[cell.truth]) : `${cell.key}? ${cell.truths.map((truth) => NAMES[truth]).join('/')}`;
}

const one = (value: Comparison['value']): Region => ({ kind: 'one', value });
const REGIONS: readonly Region[] = [
  { kind: 'absent' },
  one(null),
  { kind: 'between', high: 5 },
  { kind: 'between', low: 5, high: 9 },
  { kind: 'between', low: 9 },
  { kind: 'other', type: 'string' },
  { kind: 'other', type: 'array' },
  { kind: 'other', type: 'object' },
];

describe('what a comparison is for the values of a region', () => {
  // No value, null, below 5, from 5 to 9, above 9, other texts, other lists, other objects.
  it.each([
    ['exists', true, 'no no yes yes yes yes yes yes'],
    ['exists', false, 'yes yes no no no no no no'],
    ['eq', 5, 'unknown no no no no no no no'],
    ['neq', 5, 'unknown yes yes yes yes yes yes yes'],
    ['in', [5, 'a'], 'unknown no no no no no no no'],
    ['not_in', [5, 'a'], 'unknown yes yes yes yes yes yes yes'],
    ['lt', 5, 'unknown unknown yes no no unknown unknown unknown'],
    ['lte', 5, 'unknown unknown yes no no unknown unknown unknown'],
    ['gt', 5, 'unknown unknown no yes yes unknown unknown unknown'],
    ['gte', 5, 'unknown unknown no yes yes unknown unknown unknown'],
    ['lt', 9, 'unknown unknown yes yes no unknown unknown unknown'],
    ['gt', 9, 'unknown unknown no no yes unknown unknown unknown'],
    ['lt', 'x', 'unknown unknown unknown unknown unknown unknown unknown unknown'],
    ['gte', 'x', 'unknown unknown unknown unknown unknown unknown unknown unknown'],
    ['length_gt', 2, 'unknown unknown unknown unknown unknown length length unknown'],
    ['length_lt', 2, 'unknown unknown unknown unknown unknown length length unknown'],
    ['contains', '', 'unknown unknown unknown unknown unknown yes array_contains_"" unknown'],
    ['contains', 'x', 'unknown unknown unknown unknown unknown string_contains_"x" array_contains_"x" unknown'],
    ['contains', 1, 'unknown unknown unknown unknown unknown unknown array_contains_.1e1 unknown'],
    ['starts_with', 'x', 'unknown unknown unknown unknown unknown string_starts_with_"x" unknown unknown'],
    ['starts_with', '', 'unknown unknown unknown unknown unknown yes unknown unknown'],
    ['ends_with', 'x', 'unknown unknown unknown unknown unknown string_ends_with_"x" unknown unknown'],
    ['ends_with', '', 'unknown unknown unknown unknown unknown yes unknown unknown'],
    ['regex', '^x', 'unknown unknown unknown unknown unknown string_regex_"^x" unknown unknown'],
    ['regex', '', 'unknown unknown unknown unknown unknown string_regex_"" unknown unknown'],
    ['regex', 1, 'unknown null_regex_.1e1 unknown unknown unknown unknown unknown unknown'],
    ['host_in', ['b.com'], 'unknown unknown unknown unknown unknown host_in_["b.com"] unknown unknown'],
    ['host_not_in', ['b.com'], 'unknown unknown unknown unknown unknown host_in_["b.com"] unknown unknown'],
    ['matches_schema', { type: 'null' }, 'unknown yes SCHEMA:number__ SCHEMA:number_.5e1_ SCHEMA:number_.9e1_ SCHEMA:string_ SCHEMA:array_ SCHEMA:object_'],
  ] as const)('%s %j', (op, value, cells) => {
    const short = (text: string): string => text.replace(/\? .*/, '').replace(/(.*)matches_schema .*/, 'SCHEMA:$1').replaceAll(' ', '_');
    const found = REGIONS.map((region) => short(said(aComparison('args.x', op, value), region)));
    expect(found.join(' ')).toBe(cells);
  });

  it('takes null as no value and every other as one', () => {
    const exists = (region: Region): string => said(aComparison('args.x', 'exists', true), region);
    expect([null, false, 0, '', [], {}].map((value) => exists(one(value)))).toEqual(['no', 'yes', 'yes', 'yes', 'yes', 'yes']);
  });

  it.each<[Op, Comparison['value'], Comparison['value'], string]>([
    ['eq', 5, 5, 'yes'],
    ['lt', 5, 4, 'yes'],
    ['gte', 5, 4, 'no'],
    ['regex', '^a', 'abc', 'yes'],
    ['contains', 'b', 'abc', 'yes'],
    ['contains', 'b', 1, 'unknown'],
    ['length_gt', 2, 'abc', 'yes'],
    ['host_in', ['a.com'], 'https://a.com/', 'yes'],
    ['matches_schema', { type: 'string' }, 1, 'no'],
  ])('tests one value: %s %j of %j is %s', (op, value, of, truth) => {
    expect(said(aComparison('args.x', op, value), one(of))).toBe(truth);
  });

  it('asks about one value that testing may no longer afford, each value a question of its own', () => {
    const pattern = aComparison('args.x', 'regex', '^a');
    expect(said(pattern, one('abc'), 0)).toBe('"abc" regex "^a"? no/yes/unknown');
    expect(said(pattern, one('b'), 0)).toBe('"b" regex "^a"? no/yes/unknown');
    expect(said(aComparison('args.x', 'matches_schema', { type: 'string' }), one('abc'), 0)).toBe('"abc" matches_schema {"type":"string"}? no/yes/unknown/error');
  });

  it('compares bounds exactly, whatever their size', () => {
    const big = new ExactNumber('9007199254740993');
    expect(said(aComparison('args.x', 'lt', big), { kind: 'between', high: 9007199254740992 })).toBe('yes');
    expect(said(aComparison('args.x', 'gt', big), { kind: 'between', low: 9007199254740992 })).toBe('no');
  });

  it('knows which truths a question may have as its answer', () => {
    const other = (type: 'string' | 'array' | 'object', op: Op, value: Comparison['value']): string => said(aComparison('args.x', op, value), { kind: 'other', type });
    expect(other('string', 'regex', '^x')).toBe('string regex "^x"? no/yes');
    expect(other('array', 'contains', 'x')).toBe('array contains "x"? no/yes');
    expect(other('string', 'host_in', ['b.com'])).toBe('host_in ["b.com"]? no/yes/unknown');
    expect(other('string', 'host_not_in', ['b.com'])).toBe('host_in ["b.com"]? yes/no/unknown');
    expect(other('object', 'matches_schema', true)).toBe('object matches_schema true? no/yes/unknown/error');
  });
});

describe('the question a comparison is', () => {
  const key = (op: Op, value: Comparison['value']): string => questionOf(aComparison('args.x', op, value)).key;

  it('is the same for the same hosts, however they are listed', () => {
    expect(key('host_in', ['b.com', 'A.com.', 'x.a.com', 'a.com'])).toBe('host_in ["a.com","b.com"]');
    expect(key('host_not_in', ['a.com', 'b.com'])).toBe('host_in ["a.com","b.com"]');
    expect(key('host_in', ['a.com', 'not a host', 1])).toBe('host_in [".1e1","a.com","not a host"]');
    expect(key('host_in', 'a.com')).toBe('host_in []');
  });

  it('names the operator and the value', () => {
    const keys = OPS.filter((op) => !op.startsWith('host')).map((op) => key(op, ['v']));
    expect(keys).toEqual(OPS.filter((op) => !op.startsWith('host')).map((op) => `${op} ["v"]`));
  });

  it('has every truth as its answer that evaluating it can have', () => {
    const truths = (op: Op): string => questionOf(aComparison('args.x', op, ['v'])).truths.map((truth) => NAMES[truth]).join('/');
    expect([truths('regex'), truths('host_in'), truths('host_not_in'), truths('matches_schema')]).toEqual(['no/yes/unknown', 'no/yes/unknown', 'yes/no/unknown', 'no/yes/unknown/error']);
  });
});
