import { describe, expect, it } from 'vitest';

import type { Flow } from '../document.js';
import { aPolicyDocument } from '../testing/a-policy.js';
import { flowEffects } from './flow-effects.js';

type Written = Readonly<Record<string, unknown>>;
const READ = { category: ['Read'] };
const EXECUTE = { category: ['Execute'] };

const flowsOf = (...written: readonly Written[]): readonly Flow[] =>
  aPolicyDocument({ flows: written.map(({ after = READ, marks = 'm', ...others }) => ({ after: { ...(after as object), marks }, deny: EXECUTE, ...others })) }).flows;
const isSame = (left: readonly Written[], right: readonly Written[]): boolean => {
  const [one, other] = [flowEffects(flowsOf(...left)), flowEffects(flowsOf(...right))];
  return JSON.stringify([...one]) === JSON.stringify([...other]);
};
const after = (match: object): Written => ({ after: match });
const deny = (match: object): Written => ({ deny: match });

describe('what flows do with a mark', () => {
  it.each<[string, readonly Written[], readonly Written[]]>([
    ['written twice', [{}], [{}, {}]],
    ['in another order', [deny({ risk: ['Low'] }), deny({ name: ['a'] })], [deny({ name: ['a'] }), deny({ risk: ['Low'] })]],
    ['lists in another order', [after({ category: ['Read', 'Write'] })], [after({ category: ['Write', 'Read', 'Read'] })]],
    ['a list split', [after({ category: ['Read', 'Write'] })], [after(READ), after({ category: ['Write'] })]],
    ['two lists split', [deny({ category: ['Read', 'Write'], risk: ['Low', 'High'] })], [deny({ category: ['Read'], risk: ['Low', 'High'] }), deny({ category: ['Write'], risk: ['Low'] }), deny({ category: ['Write'], risk: ['High'] })]],
    ['a class within another by its category', [deny({ risk: ['Low'] })], [deny({ risk: ['Low'] }), deny({ risk: ['Low'], category: ['Read'] })]],
    ['a class within another by its risk', [deny(READ)], [deny(READ), deny({ ...READ, risk: ['Low'] })]],
    ['a class within another by its server', [deny(READ)], [deny({ ...READ, server: ['a'] }), deny(READ)]],
    ['a class within another by its hints', [deny({ annotations: { readOnlyHint: true } })], [deny({ annotations: { readOnlyHint: true } }), deny({ annotations: { readOnlyHint: true, title: 'x' } })]],
    ['a name within a glob', [deny({ name: ['get_*'] })], [deny({ name: ['get_*', 'get_x'] })]],
    ['a glob within a glob', [deny({ name: ['a*', '*b'] })], [deny({ name: ['ab*', 'a*', 'a*b', '*b', '*ab'] })]],
    ['a name within any', [deny({ ...READ, name: ['*'] })], [deny(READ), deny({ ...READ, name: ['get_x'] })]],
    ['every name among others', [deny({ risk: ['Low'], name: ['a', '**'] })], [deny({ risk: ['Low'] })]],
    ['a denial and an approval of the same', [{}], [{}, { unless: 'approval' }]],
    ['a longer time and a shorter', [{ within: '10m' }], [{ within: '10m' }, { within: '5m' }]],
    ['a session in which no call is left that could renew it', [{ deny: { name: ['*'] }, within: 'session' }], [{ deny: { name: ['*'] } }]],
    ['the time there is without it', [{}], [{ within: '1h' }]],
  ])('is the same of %s', (_, left, right) => {
    expect([isSame(left, right), isSame(right, left)]).toEqual([true, true]);
  });

  it.each<[string, readonly Written[], readonly Written[]]>([
    ['another mark', [{}], [{ marks: 'n' }]],
    ['another time', [{ within: '5m' }], [{ within: '10m' }]],
    ['a session', [{}], [{ within: 'session' }]],
    ['a session of one of several', [{}, after({ risk: ['Low'] })], [{}, { after: { risk: ['Low'] }, within: 'session' }]],
    ['an approval', [{}], [{ unless: 'approval' }]],
    ['an approval of the wider class', [deny(READ)], [{ deny: READ, unless: 'approval' }, deny({ ...READ, risk: ['Low'] })]],
    ['another category', [deny(READ)], [deny({ category: ['Write'] })]],
    ['another risk', [deny({ risk: ['Low'] })], [deny({ risk: ['High'] })]],
    ['another server', [deny({ server: ['a'] })], [deny({ server: ['b'] })]],
    ['another name', [deny({ name: ['a'] })], [deny({ name: ['b'] })]],
    ['another glob', [deny({ name: ['ab*'] })], [deny({ name: ['a*', 'ab*'] })]],
    ['globs that are not within each other', [deny({ name: ['a*'] })], [deny({ name: ['a*', '*a'] })]],
    ['a name that a glob does not match', [deny({ name: ['a*'] })], [deny({ name: ['a*', 'b'] })]],
    ['a glob within a name', [deny({ name: ['a'] })], [deny({ name: ['a', 'a*'] })]],
    ['any name', [deny({ ...READ, name: ['a'] })], [deny(READ), deny({ ...READ, name: ['a'] })]],
    ['another hint', [deny({ annotations: { readOnlyHint: true } })], [deny({ annotations: { readOnlyHint: false } })]],
    ['a hint and none', [deny({ ...READ, annotations: { readOnlyHint: true } })], [deny(READ)]],
    ['hints that are not within each other', [deny({ annotations: { readOnlyHint: true } })], [deny({ annotations: { readOnlyHint: true } }), deny({ annotations: { readOnlyHint: false, title: 'x' } })]],
    ['a hint that every object has', [deny({ annotations: { constructor: 'x' } })], [deny({ annotations: { constructor: 'x' } }), deny({ annotations: { title: 'x' } })]],
    ['the calls that leave it', [after(READ)], [after({ ...READ, server: ['a'] })]],
  ])('is another with %s', (_, left, right) => {
    expect([isSame(left, right), isSame(right, left)]).toEqual([false, false]);
  });

  it('is kept by mark, each with the flows of that mark alone', () => {
    const effects = flowEffects(flowsOf({}, { marks: 'n' }, { deny: READ }));
    expect([...effects.keys()]).toEqual(['m', 'n']);
    expect(effects.get('n')).toBe(flowEffects(flowsOf({ marks: 'n' })).get('n'));
    expect([...flowEffects([])]).toEqual([]);
  });

  it('is taken as it is written beyond 200 classes', () => {
    const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `n${index}`);
    const split = (count: number): boolean => isSame([deny({ name: names(count) })], [deny({ name: names(1) }), deny({ name: names(count).slice(1) })]);
    expect([split(200), split(201)]).toEqual([true, false]);
    const within = (count: number): boolean => isSame([deny({ name: names(count).concat('n*') })], [deny({ name: ['n*'] })]);
    expect([within(199), within(200)]).toEqual([true, false]);
    const twice = (count: number): boolean => isSame([deny({ name: names(count) }), deny({ name: ['n*'] })], [deny({ name: ['n*'] })]);
    expect([twice(199), twice(200)]).toEqual([true, false]);
    const square = (risk: number, count: number): boolean => isSame([deny({ risk: ['Low', 'High', 'Medium', 'Critical'].slice(0, risk), name: names(count) })], names(count).map((name) => deny({ risk: ['Low', 'High', 'Medium', 'Critical'].slice(0, risk), name: [name] })));
    expect([square(4, 50), square(4, 51)]).toEqual([true, false]);
  });
});
