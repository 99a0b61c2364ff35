import { branded, ExactNumber, type EpochMs } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { Compilation } from '../conditions/compilation.js';
import { aToolCall } from '../testing/a-tool-call.js';
import type { ToolCall } from '../verdict.js';
import { celSizeAt, celValues } from './cel-values.js';

const utc = new Compilation();
const plain = (value: unknown): unknown => (value instanceof Map ? Object.fromEntries([...value].map(([key, each]) => [key, plain(each)])) : Array.isArray(value) ? value.map(plain) : value);
const factsOf = (about: Partial<ToolCall>, compilation = utc): unknown => Object.fromEntries(Object.entries(celValues(aToolCall(about), compilation)).map(([name, value]) => [name, plain(value)]));

describe('what an expression sees of a call', () => {
  it('is every fact there is, and no member for one there is not', () => {
    expect(factsOf({ session: { id: 's' }, client: { name: null } })).toEqual({
      args: {},
      identity: { id: 'identity-1', kind: 'agent', name: 'ci-runner', labels: {}, groups: [] },
      grant: { id: 'grant-1', labels: {} },
      server: { slug: 'billing' },
      tool: { name: 'create_charge', annotations: {} },
      client: {},
      session: {},
      time: { hour: 8, weekday: 'thursday', date: '2025-10-09' },
    });
    expect(celValues(aToolCall(), utc)['client']).toEqual(new Map([['name', 'probe']]));
  });

  it('is labels, groups and the result where they are known', () => {
    const facts = factsOf({
      identity: { id: 'i', kind: 'user', name: 'n', labels: { team: 'a' }, groups: ['ops'] },
      labels: { category: 'Write', risk: 'High', annotations: { readOnlyHint: false } },
      session: { id: 's', calls: 3 },
      result: { isError: true, content: [{ text: 'x' }] },
    });
    expect(facts).toMatchObject({
      identity: { id: 'i', kind: 'user', name: 'n', labels: { team: 'a' }, groups: ['ops'] },
      tool: { name: 'create_charge', category: 'Write', risk: 'High', annotations: { readOnlyHint: false } },
      session: { calls: 3 },
      result: { isError: true, content: [{ text: 'x' }] },
    });
  });

  it('is the time in the zone of the policy, and none where it is not known', () => {
    const night = { atMs: branded<EpochMs>(Date.UTC(2025, 9, 9, 23, 30)) };
    expect(factsOf(night, new Compilation('Europe/Berlin'))).toMatchObject({ time: { hour: 1, weekday: 'friday', date: '2025-10-10' } });
    expect(factsOf(night, new Compilation('America/New_York'))).toMatchObject({ time: { hour: 19, weekday: 'thursday', date: '2025-10-09' } });
    const unknown = celValues(aToolCall(night), { zone: () => undefined });
    expect(unknown['time']).toEqual(new Map());
  });

  it.each([
    ['1', 1n],
    ['9007199254740993', 9_007_199_254_740_993n],
    ['9223372036854775807', 9_223_372_036_854_775_807n],
    ['-9223372036854775808', -9_223_372_036_854_775_808n],
    ['9223372036854775808', 9_223_372_036_854_775_808],
    ['-9223372036854775809', -9_223_372_036_854_775_809],
    ['123456789012345678901', 123_456_789_012_345_678_901],
    ['0.1000000000000000055511151231257827', 0.1],
    ['1e400', Infinity],
  ])('is a number that only an int holds as an int, every other as a double: %s', (text, value) => {
    expect(factsOf({ args: { n: new ExactNumber(text) } })).toMatchObject({ args: { n: value } });
  });

  it('is arguments as they are, members that are not there left out', () => {
    const args = { a: [1, 'x', null, { b: true }], c: { d: {} } };
    expect(factsOf({ args })).toMatchObject({ args });
    const read = celValues(aToolCall({ args: { gone: undefined, kept: null } as unknown as ToolCall['args'] }), utc)['args'];
    expect(read).toEqual(new Map([['kept', null]]));
  });
});

describe('how much stands at a path of a call', () => {
  const values = celValues(aToolCall({ args: { text: 'abcd', list: [1, 'ab', [true]], map: { k: 'v', long: [1, 2] }, none: null } }), utc);
  it.each([
    [['args', 'text'], { size: 5, count: 0 }],
    [['args', 'list'], { size: 7, count: 3 }],
    [['args', 'map'], { size: 11, count: 2 }],
    [['args', 'map', 'long'], { size: 3, count: 2 }],
    [['args', 'none'], { size: 1, count: 0 }],
    [['args', 'gone'], { size: 1, count: 0 }],
    [['args', 'text', 'deeper'], { size: 1, count: 0 }],
    [['server'], { size: 13, count: 1 }],
    [['nothing'], { size: 1, count: 0 }],
    [[], { size: 1, count: 0 }],
  ])('%j', (path, size) => {
    expect(celSizeAt(values, path)).toEqual(size);
  });
});
