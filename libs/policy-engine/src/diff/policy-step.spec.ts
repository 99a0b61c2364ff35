import { describe, expect, it } from 'vitest';

import { aPolicyDocument } from '../testing/a-policy.js';
import type { PolicySection } from './policy-part.js';
import { policySections } from './policy-sections.js';
import { isOpaque, sectionSteps, type PolicyStep } from './policy-step.js';

const sectionOf = (rule: object): PolicySection | undefined => policySections(aPolicyDocument({ tools: { pay: rule } })).find(({ key }) => key === 'tool pay');
const said = ({ section, before, after, written }: PolicyStep): string => `${section}: ${before?.part.key ?? ''} > ${after?.part.key ?? ''} at ${written.part.pointer}`;

function stepsOf(before: object | undefined, after: object | undefined) {
  const { coming, going, reworded } = sectionSteps(before === undefined ? undefined : sectionOf(before), after === undefined ? undefined : sectionOf(after));
  return { coming: coming.map(said), going: going.map(said), reworded: reworded.map(said) };
}

const comparison = (op: string, value: unknown): object => ({ path: 'args.a', op, value });
const denies = (...conditions: readonly object[]): object => ({ deny_if: conditions.map((condition) => ({ conditions: [condition] })) });
const A = '["args","a"]';

describe('the steps between two sections', () => {
  it('come and go where only one has them', () => {
    expect(stepsOf(undefined, {})).toEqual({ coming: ['tool pay:  > admit admit at /tools/pay'], going: [], reworded: [] });
    expect(stepsOf({}, undefined)).toEqual({ coming: [], going: ['tool pay: admit admit >  at /tools/pay'], reworded: [] });
    expect(stepsOf({ record: 'full' }, denies(comparison('gt', 1)))).toEqual({
      coming: [`tool pay:  > deny_if ${A} gt .1e1 at /tools/pay/deny_if/0`],
      going: ['tool pay: record full >  at /tools/pay/record'],
      reworded: [],
    });
    expect(stepsOf({}, {})).toEqual({ coming: [], going: [], reworded: [] });
    expect(sectionSteps(undefined, undefined)).toEqual({ coming: [], going: [], reworded: [] });
  });

  it('put one in place of another that asks the same of another value, before any other', () => {
    expect(stepsOf(denies(comparison('regex', '^a'), comparison('gt', 1)), denies(comparison('gt', 2), comparison('regex', '^b')))).toEqual({
      coming: [`tool pay: deny_if ${A} gt .1e1 > deny_if ${A} gt .2e1 at /tools/pay/deny_if/0`, `tool pay: deny_if ${A} regex "^a" > deny_if ${A} regex "^b" at /tools/pay/deny_if/1`],
      going: [],
      reworded: [],
    });
  });

  it('put one in place of another of its kind where one is not looked into', () => {
    expect(stepsOf(denies(comparison('gt', 1)), denies({ cel: 'args.a > 1' }))).toEqual({ coming: [`tool pay: deny_if ${A} gt .1e1 > deny_if cel "args.a > 1" at /tools/pay/deny_if/0`], going: [], reworded: [] });
    expect(stepsOf(denies(comparison('gt', 1)), denies(comparison('lt', 1))).going).toHaveLength(1);
    expect(stepsOf({ require: [{ conditions: [comparison('gt', 1)] }] }, denies({ cel: 'args.a > 1' })).going).toEqual([`tool pay: require ${A} gt .1e1 >  at /tools/pay/require/0`]);
  });

  it('take what is written twice once, where it is written first', () => {
    expect(stepsOf({}, denies(comparison('gt', 1), comparison('gt', 1))).coming).toEqual([`tool pay:  > deny_if ${A} gt .1e1 at /tools/pay/deny_if/0`]);
  });

  it('tell what is only worded otherwise', () => {
    const worded = (on_deny?: string): object => ({ deny_if: [{ conditions: [comparison('gt', 1)], ...(on_deny === undefined ? {} : { on_deny }) }] });
    expect(stepsOf(worded('A.'), worded('B.'))).toEqual({ coming: [], going: [], reworded: [`tool pay: deny_if ${A} gt .1e1 > deny_if ${A} gt .1e1 at /tools/pay/deny_if/0`] });
    expect([stepsOf(worded(), worded('B.')).reworded.length, stepsOf(worded('A.'), worded('A.')).reworded.length]).toEqual([1, 0]);
  });
});

describe('a rule that is not looked into', () => {
  const opaque = (rule: object): readonly string[] => (sectionOf(rule)?.parts ?? []).filter(isOpaque).map(({ body }) => body.kind);
  const [cel, pattern] = [{ cel: 'args.a > 1' }, comparison('regex', '^a')];

  it('is one that asks a pattern, a list of hosts, a schema or an expression, however deep', () => {
    expect(opaque({ require: [{ conditions: [cel] }], ...denies(pattern), approval: { if: [cel] }, response: { deny_if: [{ conditions: [{ path: 'isError', op: 'matches_schema', value: true }] }] } })).toEqual(['deny_if', 'require', 'approval', 'answer']);
    expect(opaque(denies({ not: pattern }, { any: [comparison('eq', 1), cel] }, { all: [cel, comparison('eq', 1)] }, comparison('host_in', ['a.com']), comparison('host_not_in', ['a.com'])))).toHaveLength(5);
  });

  it('is none that only looks like it', () => {
    const named = (path: string): object => ({ path, op: 'eq', value: 1 });
    expect(opaque({ ...denies(named('args.cel'), named('args.regex'), { path: 'args.a', op: 'contains', value: 'regex' }), limits: [{ counter: 'regex', window: 'minute', max: 1 }], record: 'full' })).toEqual([]);
  });
});
