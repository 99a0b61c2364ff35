import { describe, expect, it } from 'vitest';

import { decide } from './decide.js';
import { isListed, recordLevelOf } from './is-listed.js';
import { aPolicy } from './testing/a-policy.js';
import { aToolCall } from './testing/a-tool-call.js';
import type { ToolCall, Verdict } from './verdict.js';

const verdictOf = (rule: object, about: Partial<ToolCall> = {}): Verdict => decide(aPolicy({ tools: { t: rule } }), aToolCall({ tool: 't', ...about }));
const scopeOf = (customer: ToolCall['args'][string]): string | undefined => {
  const verdict = verdictOf({ limits: [{ counter: 'c', window: 1, max: 1, scope: 'argument:args.customer' }] }, { args: { customer } });
  return verdict.effect === 'allow' ? verdict.asks[0]?.scopeValue : verdict.reasonCode;
};
const messageOf = (limit: object): string | undefined => {
  const verdict = verdictOf({ limits: [{ counter: 'c', max: 2, ...limit }] }, { args: { a: 1 } });
  return verdict.effect === 'allow' ? verdict.asks[0]?.message : undefined;
};

describe('what cannot be evaluated', () => {
  const broken = { cel: 'args.gone > 1.0' };

  it('denies with its own reason wherever it stands', () => {
    const failure = (ruleId: string): object => ({ effect: 'deny', reasonCode: 'evaluation_error', ruleId, message: `Rule ${ruleId} could not be evaluated for this call.`, shown: 'rule' });
    expect(verdictOf({ require: [{ conditions: [broken] }] })).toEqual(failure('/tools/t/require/0'));
    expect(verdictOf({ deny_if: [{ conditions: [broken] }] })).toEqual(failure('/tools/t/deny_if/0'));
    expect(verdictOf({ approval: { if: [broken] } })).toEqual(failure('/tools/t/approval'));
    expect(verdictOf({ require: [{ conditions: [{ not: { any: [broken] } }] }] })).toEqual(failure('/tools/t/require/0'));
  });
});

describe('patterns, schemas and expressions', () => {
  const pattern = { path: 'args.a', op: 'regex', value: '^x' };

  it.each([
    { any: [{ path: 'args.b', op: 'eq', value: 1 }, pattern] },
    { all: [pattern, { path: 'args.a', op: 'neq', value: 1 }] },
    { not: { not: pattern } },
    { path: 'args.a', op: 'matches_schema', value: { type: 'string' } },
    { cel: 'args.a == "x"' },
  ])('are given steps to work with, in groups too: %j', (condition) => {
    expect(verdictOf({ require: [{ conditions: [{ path: 'args.a', op: 'exists', value: true }, condition] }] }, { args: { a: 'x' } }).effect).toBe('allow');
    expect(verdictOf({ approval: { if: [condition] } }, { args: { a: 'x' } })).toMatchObject({ reasonCode: 'approval_required' });
  });
});

describe('the sentence of a refusal', () => {
  it('names the rule that denies, the requirement that is not met, and the limit that cannot be counted', () => {
    const rule = { conditions: [{ path: 'args.a', op: 'eq', value: 1 }] };
    expect(verdictOf({ deny_if: [rule] }, { args: { a: 1 } })).toMatchObject({ message: 'The policy denies this call by rule /tools/t/deny_if/args.a-eq.' });
    expect(verdictOf({ require: [rule] })).toMatchObject({ message: 'This call does not meet requirement /tools/t/require/args.a-eq.' });
    expect(verdictOf({ limits: [{ counter: 'c', window: 1, max: 1, increment_from: 'args.a' }] })).toEqual({
      effect: 'deny',
      reasonCode: 'limit_amount_invalid',
      ruleId: '/tools/t/limits/c',
      message: 'Limit "c" counts by an argument that this call gives not at all, or not in a form that can be counted.',
      shown: 'rule',
    });
  });

  it.each([
    [{ window: 1 }, 'The limit of 2 calls in a second for each grant is reached.'],
    [{ window: 45 }, 'The limit of 2 calls in 45 seconds for each grant is reached.'],
    [{ window: 'hour', scope: 'identity' }, 'The limit of 2 calls in an hour for each identity is reached.'],
    [{ window: 'month' }, 'The limit of 2 calls in a month for each grant is reached.'],
    [{ window: 'hour', algorithm: 'sliding' }, 'The limit of 2 calls in any hour for each grant is reached.'],
    [{ window: 45, algorithm: 'sliding' }, 'The limit of 2 calls in any 45 seconds for each grant is reached.'],
    [{ window: 'day', increment_from: 'args.a', scope: 'argument:args.a' }, 'The limit of 2 of args.a in a day for each args.a is reached.'],
  ])('says how much a limit allows: %j', (limit, message) => {
    expect(messageOf(limit)).toBe(message);
  });
});

describe('a limit kept for an argument', () => {
  it('tells texts, numbers and truth values apart, and equal numbers not', () => {
    expect(scopeOf('1')).toBe('"1"');
    expect(scopeOf(true)).toBe('true');
    expect(scopeOf(1)).toBe(scopeOf(1.0));
    expect(new Set([scopeOf('1'), scopeOf(1), scopeOf(10), scopeOf('true'), scopeOf(true)]).size).toBe(5);
  });

  it('has room for 512 characters, and for nothing else than these', () => {
    expect(scopeOf('x'.repeat(510))).toHaveLength(512);
    for (const customer of ['x'.repeat(511), null, [1], { a: 1 }, undefined]) expect(scopeOf(customer)).toBe('limit_amount_invalid');
  });
});

describe('a flow that an approval may lift', () => {
  it('asks where no other rule does', () => {
    const policy = aPolicy({ default: 'allow', flows: [{ after: { name: ['a'], marks: 'm' }, deny: { name: ['b'] }, unless: 'approval' }] });
    expect(decide(policy, aToolCall({ tool: 'b', marks: ['m'] }))).toMatchObject({ reasonCode: 'approval_required', ruleId: '/flows/0' });
    expect(decide(policy, aToolCall({ tool: 'b', marks: [] })).effect).toBe('allow');
  });
});

describe('plans by class', () => {
  const labels = { category: 'Read', risk: null, annotations: {} } as const;
  const policy = aPolicy({ select: [{ match: { category: ['Read'] }, allow: true, record: 'full' }] });

  it('are made once for a definition, and anew for another of the same name', () => {
    expect(policy.planFor?.('t', labels)).toBe(policy.planFor?.('t', labels));
    expect(policy.planFor?.('t', { ...labels })).not.toBe(policy.planFor?.('t', labels));
    expect(policy.planFor?.('t', { ...labels, category: 'Write' })).toBeUndefined();
  });

  it('are bounded however many names are tried', () => {
    for (let index = 0; index < 2_100; index += 1) policy.planFor?.(`tool-${index}`, labels);
    expect(policy.planFor?.('tool-1', labels)).toBe(policy.planFor?.('tool-1', labels));
    expect(policy.planFor?.('tool-2099', labels)).not.toBe(policy.planFor?.('tool-2099', labels));
    expect(decide(policy, aToolCall({ tool: 'tool-2099', labels })).effect).toBe('allow');
  });

  it('are not needed where names alone decide', () => {
    expect(aPolicy({ tools: { t: {} } }).planFor).toBeUndefined();
  });

  it('say what is listed and recorded', () => {
    expect([isListed(policy, 't', labels), isListed(policy, 't'), recordLevelOf(policy, 't', labels), recordLevelOf(policy, 't')]).toEqual([true, false, 'full', 'digest']);
  });
});
