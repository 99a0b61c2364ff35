import type { JsonValue } from '@sallyport/kernel';

import { canonicalValue } from '../canonical-value.js';
import { compareNumbers, isNumber, type JsonNumber } from '../compare-numbers.js';
import { TOOL_CATEGORIES, TOOL_RISKS, type Comparison, type Path } from '../document.js';
import { WEEKDAYS } from '../conditions/utc-time.js';

/**
 * Values of one place that no comparison needs told apart further: none at all, one value, the numbers between two
 * neighbours of those that comparisons name, or all others of a type.
 */
export type Region =
  | { readonly kind: 'absent' }
  | { readonly kind: 'one'; readonly value: JsonValue }
  | { readonly kind: 'between'; readonly low?: JsonNumber; readonly high?: JsonNumber }
  | { readonly kind: 'other'; readonly type: 'string' | 'array' | 'object' };

/** What a place can hold at all. `only`: no other value than these. `isUnnamed`: no value that a comparison names. */
export interface PlaceType {
  readonly canBeAbsent: boolean;
  readonly only?: readonly JsonValue[];
  readonly isUnnamed?: boolean;
  readonly kinds?: readonly ('null' | 'boolean' | 'number' | 'string' | 'array' | 'object')[];
}

const ANYTHING: PlaceType = { canBeAbsent: true };
const TEXT: PlaceType = { canBeAbsent: false, kinds: ['string'] };
const PERHAPS_TEXT: PlaceType = { canBeAbsent: true, kinds: ['string'] };
const FACTS: Readonly<Record<Path['root'], PlaceType>> = {
  args: ANYTHING,
  result: ANYTHING,
  'identity.id': TEXT,
  'identity.kind': TEXT,
  'identity.name': TEXT,
  'identity.labels': PERHAPS_TEXT,
  'identity.groups': { canBeAbsent: false, kinds: ['array'] },
  'grant.id': TEXT,
  'grant.labels': PERHAPS_TEXT,
  'server.slug': TEXT,
  'tool.name': TEXT,
  'tool.category': { canBeAbsent: true, only: TOOL_CATEGORIES },
  'tool.risk': { canBeAbsent: true, only: TOOL_RISKS },
  'tool.annotations': ANYTHING,
  'client.name': PERHAPS_TEXT,
  'time.hour': { canBeAbsent: true, only: Array.from({ length: 24 }, (_, hour) => hour) },
  'time.weekday': { canBeAbsent: true, only: WEEKDAYS },
  'time.date': PERHAPS_TEXT,
  'session.calls': { canBeAbsent: true, kinds: ['number'] },
};

/** What is known of a path's values without looking at a call. */
export function typeOfPlace(path: Path): PlaceType {
  return FACTS[path.root];
}

/** Divides the values of one place so that each comparison is the same for all the values of a region, patterns and the like aside. */
export function regionsOf(type: PlaceType, comparisons: readonly Comparison[]): readonly Region[] {
  const absent: readonly Region[] = type.canBeAbsent ? [{ kind: 'absent' }] : [];
  if (type.only !== undefined) return [...absent, ...type.only.map(one)];
  const named = distinct(type.isUnnamed === true ? [] : comparisons.flatMap(namedValues));
  const all: readonly Region[] = [...named.filter((value) => !isNumber(value)).map(one), ...numberRegions(named.filter(isNumber)), ...OTHERS];
  const { kinds } = type;
  return [...absent, ...(kinds === undefined ? all : all.filter((each) => kinds.includes(kindOf(each))))];
}

const OTHERS: readonly Region[] = [
  { kind: 'other', type: 'string' },
  { kind: 'other', type: 'array' },
  { kind: 'other', type: 'object' },
];

/** The values a comparison tells apart one by one. */
export function namedValues({ op, value }: Comparison): readonly JsonValue[] {
  switch (op) {
    case 'eq':
    case 'neq':
      return [value];
    case 'in':
    case 'not_in':
      return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return [value];
    default:
      return [];
  }
}

function one(value: JsonValue): Region {
  return { kind: 'one', value };
}

/** `null`, `true` and `false` are always told apart: there are no others like them. */
function distinct(values: readonly JsonValue[]): readonly JsonValue[] {
  return [...new Map([null, true, false, ...values].map((value) => [canonicalValue(value), value])).values()];
}

function numberRegions(named: readonly JsonNumber[]): readonly Region[] {
  const sorted = [...named].sort((left, right) => compareNumbers(left, right) ?? 0);
  const [first] = sorted;
  if (first === undefined) return [{ kind: 'between' }];
  const regions: Region[] = [{ kind: 'between', high: first }];
  for (const [index, low] of sorted.entries()) {
    const high = sorted[index + 1];
    regions.push(one(low), high === undefined ? { kind: 'between', low } : { kind: 'between', low, high });
  }
  return regions;
}

function kindOf(region: Region): NonNullable<PlaceType['kinds']>[number] {
  if (region.kind === 'between') return 'number';
  if (region.kind === 'other') return region.type;
  const value = region.kind === 'one' ? region.value : null;
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (isNumber(value)) return 'number';
  if (typeof value === 'string') return 'string';
  return typeof value === 'boolean' ? 'boolean' : 'object';
}
