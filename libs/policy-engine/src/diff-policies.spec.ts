import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decide } from './decide.js';
import { diffPolicies } from './diff-policies.js';
import { aPolicy, aPolicyDocument } from './testing/a-policy.js';
import { arbitraryCall, arbitraryDocument, arbitraryRule } from './testing/arbitrary-policies.js';

const entries = (before: object, after: object) => diffPolicies(aPolicyDocument(before), aPolicyDocument(after)).entries;
const brief = (before: object, after: object): readonly string[] => entries(before, after).map(({ kind, tool, pointer }) => `${kind} ${tool} ${pointer}`);
const denies = (path: string, op: string, value: unknown): object => ({ deny_if: [{ conditions: [{ path, op, value }] }] });
const requires = (path: string, op: string, value: unknown): object => ({ require: [{ conditions: [{ path, op, value }] }] });
const tool = (rule: object): object => ({ tools: { pay: rule } });

describe('a diff of two policies', () => {
  it('is empty when the second says the same in another way', () => {
    const before = {
      description: '',
      tools: {
        a: { action: 'deny', reason: 'No.', rate_limit: { max: 5, window: 60 } },
        b: { require: [{ conditions: [{ path: 'args.x', op: 'in', value: [1, 2] }, { path: 'args.y', op: 'eq', value: { k: 1, l: 100 } }] }] },
      },
    };
    const after = {
      tools: {
        b: { action: 'allow', deny_if: [], require: [{ conditions: [{ path: 'args.y', op: 'eq', value: { l: 1e2, k: 1 } }, { path: 'args.x', op: 'in', value: [2, 1, 2.0] }] }] },
        a: { deny_if: [{ conditions: [], on_deny: 'No.' }], limits: [{ counter: 'rate_limit:a', window: 60, max: 5.0, scope: 'session' }] },
      },
    };
    expect(entries(before, after)).toEqual([]);
  });

  it('says which tools were gained and lost', () => {
    expect(entries({ tools: { a: {}, b: {} } }, { tools: { b: {}, c: {} } })).toEqual([
      { kind: 'lost', tool: 'a', pointer: '/tools/a', sentence: 'a can no longer be called.' },
      { kind: 'gained', tool: 'c', pointer: '/tools/c', sentence: 'c can now be called.' },
    ]);
    expect(brief({ tools: { a: {} } }, { hide: ['a'], tools: { a: {} } })).toEqual(['lost a /hide/0']);
    expect(brief(tool({}), tool({ action: 'deny' }))).toEqual(['lost pay /tools/pay']);
    expect(brief({ default: 'allow', hide: ['a'] }, { default: 'allow' })).toEqual(['gained a /hide/0']);
  });

  it('says what a change of default opens or closes', () => {
    expect(entries({}, { default: 'allow' })).toEqual([
      { kind: 'loosened', tool: '*', pointer: '/default', sentence: 'Tools that no rule names are now allowed.' },
    ]);
    expect(brief({ default: 'allow' }, {})).toEqual(['tightened * /default']);
  });

  it('tells a bound that moved from a rule that came or went', () => {
    expect(entries(tool(denies('args.amount', 'gt', 100)), tool(denies('args.amount', 'gt', 200)))).toEqual([
      { kind: 'loosened', tool: 'pay', pointer: '/tools/pay/deny_if/0', sentence: 'Calls are now denied when args.amount gt 200, instead of args.amount gt 100.' },
    ]);
    expect(entries(tool({}), tool(denies('args.amount', 'gt', 200)))).toEqual([
      { kind: 'tightened', tool: 'pay', pointer: '/tools/pay/deny_if/0', sentence: 'Calls are now denied when args.amount gt 200.' },
    ]);
    expect(brief(tool(requires('args.a', 'eq', 1)), tool({}))).toEqual(['loosened pay /tools/pay/require/0']);
  });

  it.each([
    [denies, 'gt', 'loosened'],
    [denies, 'lte', 'tightened'],
    [requires, 'gte', 'tightened'],
    [requires, 'lt', 'loosened'],
    [requires, 'eq', 'changed'],
  ] as const)('knows what raising a bound means: %o %s', (rule, op, kind) => {
    expect(brief(tool(rule('args.a', op, 1)), tool(rule('args.a', op, 2)))).toEqual([expect.stringMatching(`^${kind} pay`)]);
  });

  it('compares limits by their counters', () => {
    const limited = (about: object): object => tool({ limits: [{ counter: 'c', window: 'minute', max: 30, scope: 'grant', ...about }] });
    expect(entries(limited({}), limited({ max: 10 }))).toEqual([
      {
        kind: 'tightened',
        tool: 'pay',
        pointer: '/tools/pay/limits/0',
        sentence: 'Limit "c" allows 10 calls in a minute for each grant, instead of 30 calls in a minute for each grant.',
      },
    ]);
    expect(brief(limited({}), limited({ max: 31 }))).toEqual(['loosened pay /tools/pay/limits/0']);
    expect(brief(limited({}), limited({ window: 'hour' }))).toEqual(['changed pay /tools/pay/limits/0']);
    expect(brief(limited({}), limited({ counter: 'd' }))).toEqual(['tightened pay /tools/pay/limits/0', 'loosened pay /tools/pay/limits/0']);
    expect(brief(limited({}), limited({ on_deny: 'Slow.' }))).toEqual(['changed pay /tools/pay/limits/0']);
  });

  it('points at the short form a change is written in', () => {
    expect(brief(tool({ rate_limit: { max: 5, window: 60 } }), tool({ rate_limit: { max: 9, window: 60 } }))).toEqual(['loosened pay /tools/pay/rate_limit']);
    expect(brief(tool({ action: 'deny' }), tool({ action: 'deny', reason: 'No.' }))).toEqual(['changed pay /tools/pay/action']);
    expect(brief(tool({}), tool({ action: 'require_approval' }))).toEqual(['tightened pay /tools/pay/action']);
  });

  it('reports rules of all tools once', () => {
    expect(brief({ tools: { a: {}, b: {} } }, { all_tools: denies('args.x', 'eq', 1), tools: { a: {}, b: {} } })).toEqual(['tightened * /all_tools/deny_if/0']);
  });

  it('leaves nothing out that changes what a call comes to', () => {
    fc.assert(
      fc.property(arbitraryDocument, arbitraryRule, arbitraryCall, (document, rule, call) => {
        const after = { ...document, tools: { ...document.tools, [call.tool]: rule } };
        if (entries(document, after).length > 0) return;
        expect(decide(aPolicy(after), call).effect).toBe(decide(aPolicy(document), call).effect);
      }),
      { numRuns: 300 },
    );
  });

  it('finds none between a document and itself', () => {
    fc.assert(
      fc.property(arbitraryDocument, (document) => {
        expect(entries(document, document)).toEqual([]);
      }),
    );
  });
});
