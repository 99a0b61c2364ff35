import { describe, expect, it } from 'vitest';

import { aPolicyDocument } from '../testing/a-policy.js';
import type { ActivePart } from './active-parts.js';
import { CallOutcomes, type OutcomeChange } from './call-outcomes.js';
import { policySections } from './policy-sections.js';
import type { ToolClass } from './tool-class.js';

const PAY: ToolClass = { tool: 'pay', labels: undefined };
const UNNAMED: ToolClass = { tool: undefined, labels: undefined };
const STEPS = 50_000;

const partsOf = (document: object): readonly ActivePart[] => policySections(aPolicyDocument(document)).flatMap((section) => section.parts.map((part) => ({ section, part })));

/** What two documents make of the calls to one class of tools. */
function compared(about: ToolClass, before: object, after: object, steps = STEPS) {
  const [old, now] = [partsOf(before), partsOf(after)];
  const outcomes = new CallOutcomes(about, [...old, ...now], steps);
  const [was, is] = [outcomes.outcome(old), outcomes.outcome(now)];
  const listing = outcomes.change(outcomes.listed(old), outcomes.listed(now));
  return { change: outcomes.change(was, is), known: [outcomes.isKnown(was), outcomes.isKnown(is)], passes: [outcomes.canPass(was), outcomes.canPass(is)], listing };
}
const changeOf = (before: object, after: object, about = PAY): OutcomeChange => compared(about, before, after).change;
const pay = (rule: object, others: object = {}): object => ({ tools: { pay: rule }, ...others });
const asks = (...approvers: readonly string[]): object => ({ tools: { pay: {} }, select: approvers.map((role) => ({ match: { name: ['*', role] }, approval: { approvers: [`role:${role}`] } })) });
const denied = (...conditions: readonly object[]): object => ({ deny_if: [{ conditions }] });
const [cel, pattern, amount] = [{ cel: 'args.a > 1' }, { path: 'args.b', op: 'regex', value: '^a' }, { path: 'args.a', op: 'gt', value: 1 }];

describe('what becomes of calls', () => {
  it.each<[string, object, object, OutcomeChange]>([
    ['alike', asks('a', 'b'), asks('b', 'a'), 'none'],
    ['one approval more', asks('a'), asks('a', 'b'), 'tightened'],
    ['one approval less', asks('a', 'b'), asks('b'), 'loosened'],
    ['another approval', asks('a'), asks('b'), 'changed'],
    ['others, of which one stays', asks('a', 'b'), asks('a', 'c'), 'changed'],
    ['no approval', asks('a'), pay({}), 'loosened'],
    ['an approval instead of a denial', pay({ action: 'deny' }), asks('a'), 'loosened'],
    ['a denial instead of an approval', asks('a'), pay({ action: 'deny' }), 'tightened'],
    ['a denial instead of both', asks('a', 'b'), {}, 'tightened'],
    ['another condition', pay(denied(amount)), pay(denied({ path: 'args.c', op: 'exists', value: true })), 'changed'],
    ['a value that may be missing', pay(denied(amount)), pay({ deny_if: [{ conditions: [amount], on_missing: 'deny' }] }), 'tightened'],
    ['a requirement instead of the denial of its contrary', pay(denied({ not: amount })), pay({ require: [{ conditions: [amount] }] }), 'tightened'],
    ['an expression, which may fail', pay({ approval: {} }), pay({ approval: { if: [cel] } }), 'perhaps'],
    ['a denial by an expression', pay({}), pay(denied(cel)), 'tightened'],
    ['the same expression denied and required', pay(denied({ not: cel })), pay({ require: [{ conditions: [cel] }] }), 'tightened'],
    ['another expression', pay(denied(cel)), pay(denied({ cel: '1 < args.a' })), 'perhaps'],
    ['a pattern instead of a bound', pay(denied(amount)), pay(denied(pattern)), 'perhaps'],
    ['a bound instead of a pattern', pay(denied(pattern)), pay(denied(amount)), 'perhaps'],
    ['a pattern beside other bounds', pay(denied(pattern, amount)), pay(denied(pattern, { path: 'args.c', op: 'exists', value: true })), 'changed'],
  ])('%s', (_, before, after, change) => {
    expect(changeOf(before, after)).toBe(change);
  });

  it('is known of a tool by its name, and of tools without one by each glob', () => {
    const hides = (...hide: readonly string[]): object => ({ default: 'allow', hide });
    expect([changeOf(hides(), hides('p*')), changeOf(hides(), hides('x*')), changeOf(hides(), hides('pay')), changeOf(hides(), hides('pa'))]).toEqual(['tightened', 'none', 'tightened', 'none']);
    const unnamed = (before: object, after: object): OutcomeChange => changeOf(before, after, UNNAMED);
    expect([unnamed(hides(), hides('p*')), unnamed(hides(), hides('pay')), unnamed(hides('p*'), hides('p*', 'x*')), unnamed(hides('**'), hides('*')), unnamed(hides('p*'), hides('x*'))]).toEqual(['tightened', 'none', 'tightened', 'none', 'changed']);
    const named = (...name: readonly string[]): object => ({ select: [{ match: { name }, allow: true }] });
    expect([unnamed(named('a*', 'b*'), named('b*', 'a*')), unnamed(named('a*'), named('a*', 'b*')), unnamed(named('a'), named('b')), unnamed(named('*'), { default: 'allow' })]).toEqual(['none', 'loosened', 'none', 'none']);
  });

  it('is what binds a tool, and nothing of others', () => {
    expect(changeOf(pay({}), { tools: { pay: {}, ask: denied() } })).toBe('none');
    expect(changeOf(pay({}), pay({}, { select: [{ match: { name: ['a*'] }, ...denied() }] }))).toBe('none');
    expect(changeOf(pay({}), pay({}, { select: [{ match: { category: ['Read'] }, ...denied() }] }))).toBe('tightened');
    const labelled = (category: 'Read' | 'Write'): OutcomeChange => changeOf(pay({}), pay({}, { select: [{ match: { category: ['Read'] }, ...denied() }] }), { tool: 'pay', labels: { category, risk: null, annotations: {} } });
    expect([labelled('Read'), labelled('Write')]).toEqual(['tightened', 'none']);
  });

  it('is listed where it is admitted and not hidden, whatever is denied', () => {
    const listing = (before: object, after: object): OutcomeChange => compared(PAY, before, after).listing;
    expect([listing({}, pay({ action: 'deny' })), listing(pay({}), pay({ action: 'deny' })), listing(pay({}), pay({}, { hide: ['pay'] })), listing({ hide: ['pay'] }, pay({}, { hide: ['pay'] })), listing(pay({}), { default: 'allow' })]).toEqual(['loosened', 'none', 'tightened', 'none', 'none']);
  });

  it('can pass where some call is not denied', () => {
    expect(compared(PAY, {}, pay({})).passes).toEqual([false, true]);
    expect(compared(PAY, pay(denied(amount)), pay(denied())).passes).toEqual([true, false]);
    expect(compared(PAY, asks('a'), pay({}, { hide: ['pay'] })).passes).toEqual([true, false]);
  });
});

describe('what cannot be worked out', () => {
  const asked = (count: number, role = ''): object => ({ tools: { pay: {} }, select: Array.from({ length: count }, (_, index) => ({ match: { name: ['*', `n${index}`] }, approval: { approvers: [`role:r${index}${role}`], if: [{ path: `args.a${index}`, op: 'exists', value: true }] } })) });

  it('is unknown beyond the steps there are', () => {
    expect(compared(PAY, pay(denied(amount)), pay(denied(amount, pattern)), 2)).toMatchObject({ change: 'perhaps', known: [false, false], passes: [true, true] });
    expect(compared(PAY, pay({}), pay(denied(amount)))).toMatchObject({ change: 'tightened', known: [true, true] });
  });

  it('is unknown beyond 254 sets of approvals', () => {
    expect(compared(PAY, {}, asked(7))).toMatchObject({ known: [true, true], change: 'loosened' });
    expect(compared(PAY, {}, asked(8))).toMatchObject({ known: [true, false], change: 'perhaps', passes: [false, true] });
  });

  it('counts the steps that were taken', () => {
    const parts = partsOf(pay(denied(amount)));
    const outcomes = new CallOutcomes(PAY, parts, STEPS);
    expect(outcomes.stepsTaken).toBe(0);
    outcomes.outcome(parts);
    const once = outcomes.stepsTaken;
    outcomes.outcome(parts);
    expect([once > 0, outcomes.stepsTaken]).toEqual([true, once]);
  });
});

describe('times', () => {
  const hour = { path: 'time.hour', op: 'lt', value: 6 };
  const inZone = (timezone: string, ...conditions: readonly object[]): object => ({ timezone, tools: { pay: denied(...conditions) } });
  it.each<[string, readonly object[], OutcomeChange]>([
    ['the hour', [hour], 'changed'],
    ['the hour in groups', [{ any: [{ all: [{ not: hour }, amount] }, pattern] }], 'changed'],
    ['the hour where it makes no difference', [{ any: [{ all: [hour, amount] }, amount] }], 'none'],
    ['an expression that may ask for it', [{ cel: 'time.hour < 6' }], 'perhaps'],
    ['an expression beside the hour', [cel, { any: [hour] }], 'perhaps'],
    ['no time', [amount, cel], 'none'],
  ])('of another zone are others: %s', (_, conditions, change) => {
    expect(changeOf(inZone('Europe/Berlin', ...conditions), inZone('America/New_York', ...conditions))).toBe(change);
    expect(changeOf(inZone('Europe/Berlin', ...conditions), inZone('Europe/Berlin', ...conditions))).toBe('none');
  });
});
