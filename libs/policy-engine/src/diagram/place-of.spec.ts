import { describe, expect, it } from 'vitest';

import { aComparison } from '../testing/a-condition.js';
import { placeOf } from './place-of.js';

const placed = (path: string | { readonly pointer: string }): string => placeOf(aComparison(path, 'exists', true).path);

describe('a place', () => {
  it.each([
    ['args.a', '["args","a"]'],
    ['args.a.b', '["args","a","b"]'],
    ['args.a[0]', '["args","a",0]'],
    ['args.a[*].b', '["args","a",null,"b"]'],
    ['identity.labels.team', '["identity.labels","team"]'],
    ['tool.name', '["tool.name"]'],
    [{ pointer: '/a' }, '["args","a"]'],
    [{ pointer: '/a.b/c' }, '["args","a.b","c"]'],
    [{ pointer: '/0' }, '["args","0"]'],
    [{ pointer: '/a/0' }, '["args","a",["0"]]'],
    [{ pointer: '/a/12' }, '["args","a",["12"]]'],
    [{ pointer: '/a/01' }, '["args","a","01"]'],
    [{ pointer: '/a/x0' }, '["args","a","x0"]'],
    [{ pointer: '/a/0x' }, '["args","a","0x"]'],
  ] as const)('of %j is %s', (path, place) => {
    expect(placed(path)).toBe(place);
  });
});
