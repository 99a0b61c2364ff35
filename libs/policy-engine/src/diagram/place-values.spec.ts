import { ExactNumber } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { OPS, type Comparison } from '../document.js';
import { aComparison } from '../testing/a-condition.js';
import { namedValues, regionsOf, typeOfPlace, type PlaceType, type Region } from './place-values.js';

const ANYTHING: PlaceType = { canBeAbsent: true };

function said(region: Region): string {
  switch (region.kind) {
    case 'absent':
      return 'absent';
    case 'one':
      return JSON.stringify(region.value);
    case 'between':
      return `${written(region.low)}..${written(region.high)}`;
    case 'other':
      return `other ${region.type}`;
  }
}
const written = (bound: number | ExactNumber | undefined): string => (bound === undefined ? '' : bound instanceof ExactNumber ? bound.text : String(bound));
const regions = (type: PlaceType, ...comparisons: readonly Comparison[]): string => regionsOf(type, comparisons).map(said).join(' | ');
const x = (op: Comparison['op'], value: Comparison['value']): Comparison => aComparison('args.x', op, value);

describe('the regions of a place', () => {
  it('are its types where comparisons name no value', () => {
    expect(regions(ANYTHING)).toBe('absent | null | true | false | .. | other string | other array | other object');
    expect(regions(ANYTHING, x('regex', '^a'), x('exists', true))).toBe('absent | null | true | false | .. | other string | other array | other object');
    expect(regions({ canBeAbsent: false })).toBe('null | true | false | .. | other string | other array | other object');
  });

  it('are divided at the numbers that comparisons name, in their order, each once', () => {
    const bounds = [x('lt', 5), x('gte', 1), x('eq', 5.0), x('in', [3, 'a'])];
    expect(regions(ANYTHING, ...bounds)).toBe('absent | null | true | false | "a" | ..1 | 1 | 1..3 | 3 | 3..5 | 5 | 5.. | other string | other array | other object');
    expect(regions({ canBeAbsent: false, kinds: ['number'] }, x('lt', new ExactNumber('1e400')), x('gt', -1))).toBe('..-1 | -1 | -1..1e400 | {"text":"1e400"} | 1e400..');
    expect(Object.keys(regionsOf({ canBeAbsent: false, kinds: ['number'] }, [x('lt', 5)])[2] ?? {})).toEqual(['kind', 'low']);
  });

  it('are divided at the other values that comparisons name, each once', () => {
    const named = [x('eq', 'a'), x('neq', [1]), x('not_in', [{ k: 1 }, true, null, 'a'])];
    expect(regions(ANYTHING, ...named)).toBe('absent | null | true | false | "a" | [1] | {"k":1} | .. | other string | other array | other object');
  });

  it('are of the types alone that the place can hold', () => {
    const named = [x('in', [null, true, 1, 'a', [1], { k: 1 }])];
    const ofKind = (kind: string): string => regions({ canBeAbsent: false, kinds: [kind as 'null'] }, ...named);
    expect(['null', 'boolean', 'number', 'string', 'array', 'object'].map(ofKind)).toEqual(['null', 'true | false', '..1 | 1 | 1..', '"a" | other string', '[1] | other array', '{"k":1} | other object']);
  });

  it('are the values a place has, where it has no others', () => {
    expect(regions({ canBeAbsent: true, only: ['Read', 'Write'] }, x('eq', 'Execute'))).toBe('absent | "Read" | "Write"');
    expect(regions({ canBeAbsent: false, only: [1] })).toBe('1');
    expect(regions({ canBeAbsent: true, only: [] })).toBe('absent');
  });

  it('leave out what comparisons name where nothing they name can stand there', () => {
    expect(regions({ canBeAbsent: false, kinds: ['string'], isUnnamed: true }, x('eq', 'a'))).toBe('other string');
    expect(regions({ canBeAbsent: false, kinds: ['string'], isUnnamed: false }, x('eq', 'a'))).toBe('"a" | other string');
  });
});

describe('the values a comparison tells apart one by one', () => {
  it('are those it is equal to and the bounds it has, and none of a pattern and the like', () => {
    const named = OPS.filter((op) => namedValues(x(op, [1])).length > 0);
    expect(named).toEqual(['eq', 'neq', 'in', 'not_in', 'lt', 'lte', 'gt', 'gte']);
    expect(named.map((op) => namedValues(x(op, [1, 2])))).toEqual([[[1, 2]], [[1, 2]], [1, 2], [1, 2], [[1, 2]], [[1, 2]], [[1, 2]], [[1, 2]]]);
    expect(namedValues(x('in', 'a'))).toEqual([]);
  });
});

describe('what a place can hold', () => {
  const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
  it.each<[string, PlaceType]>([
    ['args.x', { canBeAbsent: true }],
    ['identity.id', { canBeAbsent: false, kinds: ['string'] }],
    ['identity.kind', { canBeAbsent: false, kinds: ['string'] }],
    ['identity.name', { canBeAbsent: false, kinds: ['string'] }],
    ['identity.labels.team', { canBeAbsent: true, kinds: ['string'] }],
    ['identity.groups', { canBeAbsent: false, kinds: ['array'] }],
    ['grant.id', { canBeAbsent: false, kinds: ['string'] }],
    ['grant.labels.team', { canBeAbsent: true, kinds: ['string'] }],
    ['server.slug', { canBeAbsent: false, kinds: ['string'] }],
    ['tool.name', { canBeAbsent: false, kinds: ['string'] }],
    ['tool.category', { canBeAbsent: true, only: ['Read', 'Write', 'Execute', 'Destructive', 'Financial'] }],
    ['tool.risk', { canBeAbsent: true, only: ['Low', 'Medium', 'High', 'Critical'] }],
    ['tool.annotations.readOnlyHint', { canBeAbsent: true }],
    ['client.name', { canBeAbsent: true, kinds: ['string'] }],
    ['time.hour', { canBeAbsent: true, only: HOURS }],
    ['time.weekday', { canBeAbsent: true, only: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] }],
    ['time.date', { canBeAbsent: true, kinds: ['string'] }],
    ['session.calls', { canBeAbsent: true, kinds: ['number'] }],
  ])('%s', (path, type) => {
    const found = typeOfPlace(aComparison(path, 'exists', true).path);
    expect({ ...found, ...(found.only === undefined ? {} : { only: [...found.only].sort() }) }).toEqual({ ...type, ...(type.only === undefined ? {} : { only: [...type.only].sort() }) });
  });
});
