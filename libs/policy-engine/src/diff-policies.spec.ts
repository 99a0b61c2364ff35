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

  it('says whether the policy blocks or only looks on', () => {
    const change = { kind: 'changed', tool: '*', pointer: '/mode', side: 'after', ruleId: null };
    expect(entries({}, { mode: 'shadow' })).toEqual([{ ...change, sentence: 'The policy now decides and records without blocking.' }]);
    expect(entries({ mode: 'shadow' }, { mode: 'enforce' })).toEqual([{ ...change, sentence: 'The policy now blocks what it denies.' }]);
    expect(entries({ mode: 'shadow' }, { mode: 'shadow' })).toEqual([]);
  });

  it('says which tools were gained and lost', () => {
    expect(entries({ tools: { a: {}, b: {} } }, { tools: { b: {}, c: {} } })).toEqual([
      { kind: 'lost', tool: 'a', pointer: '/tools/a', side: 'before', ruleId: '/tools/a', sentence: 'a can no longer be called.' },
      { kind: 'gained', tool: 'c', pointer: '/tools/c', side: 'after', ruleId: '/tools/c', sentence: 'c can now be called.' },
    ]);
    expect(brief({ tools: { a: {} } }, { hide: ['a'], tools: { a: {} } })).toEqual(['lost a /hide/0']);
    expect(brief(tool({}), tool({ action: 'deny' }))).toEqual(['lost pay /tools/pay']);
    expect(brief({ default: 'allow', hide: ['a'] }, { default: 'allow' })).toEqual(['gained a /hide/0']);
  });

  it('says what a change of default opens or closes', () => {
    expect(entries({}, { default: 'allow' })).toEqual([
      { kind: 'loosened', tool: '*', pointer: '/default', side: 'after', ruleId: '(default allow)', sentence: 'Tools that no rule names are now allowed.' },
    ]);
    expect(brief({ default: 'allow' }, {})).toEqual(['tightened * /default']);
  });

  it('tells a bound that moved from a rule that came or went', () => {
    expect(entries(tool(denies('args.amount', 'gt', 100)), tool(denies('args.amount', 'gt', 200)))).toEqual([
      { kind: 'loosened', tool: 'pay', pointer: '/tools/pay/deny_if/0', side: 'after', ruleId: '/tools/pay/deny_if/args.amount-gt', sentence: 'Calls are now denied when args.amount gt 200, instead of args.amount gt 100.' },
    ]);
    expect(entries(tool({}), tool(denies('args.amount', 'gt', 200)))).toEqual([
      { kind: 'tightened', tool: 'pay', pointer: '/tools/pay/deny_if/0', side: 'after', ruleId: '/tools/pay/deny_if/args.amount-gt', sentence: 'Calls are now denied when args.amount gt 200.' },
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
        side: 'after',
        ruleId: '/tools/pay/limits/c',
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
      { numRuns: 100 },
    );
  }, 30_000);

  it('finds none between a document and itself', () => {
    fc.assert(
      fc.property(arbitraryDocument, (document) => {
        expect(entries(document, document)).toEqual([]);
      }),
    );
  });

  it('says what it cannot decide instead of guessing', () => {
    const cel = (source: string): object => tool({ deny_if: [{ conditions: [{ cel: source }] }] });
    expect(entries(tool(denies('args.to', 'regex', '^a')), tool(denies('args.to', 'regex', '^[a]')))).toEqual([
      {
        kind: 'undecidable',
        tool: 'pay',
        pointer: '/tools/pay/deny_if/0',
        side: 'after',
        ruleId: '/tools/pay/deny_if/args.to-regex',
        sentence: 'Calls are now denied when args.to regex "^[a]", instead of args.to regex "^a"; whether that decides any call otherwise cannot be decided.',
      },
    ]);
    expect(brief(cel('args.amount > 100'), cel('args.amount >= 101'))).toEqual(['undecidable pay /tools/pay/deny_if/0']);
    expect(brief(tool(denies('args.amount', 'gt', 100)), cel('args.amount > 100'))).toEqual(['undecidable pay /tools/pay/deny_if/0']);
    expect(brief(tool(denies('args.url', 'host_in', ['a.com'])), tool(denies('args.url', 'host_in', ['b.com'])))).toEqual(['undecidable pay /tools/pay/deny_if/0']);
  });

  it('follows patterns, hosts and expressions as far as they are the same', () => {
    const cel = { cel: 'args.amount > 100' };
    const regex = { path: 'args.to', op: 'regex', value: '^a' };
    const first = tool({ deny_if: [{ conditions: [{ any: [cel, regex] }] }] });
    expect(entries(first, tool({ deny_if: [{ conditions: [cel] }, { conditions: [regex] }] }))).toEqual([]);
    expect(brief(first, tool({ deny_if: [{ conditions: [regex] }] }))).toEqual(['loosened pay /tools/pay/deny_if/0']);
    expect(entries(tool(denies('args.url', 'host_in', ['a.com', 'x.a.com', 'b.com'])), tool(denies('args.url', 'host_in', ['B.com', 'a.com.'])))).toEqual([]);
    expect(entries(tool(denies('args.url', 'host_not_in', ['a.com'])), tool({ deny_if: [{ conditions: [{ not: { path: 'args.url', op: 'host_in', value: ['a.com'] } }] }] }))).toEqual([]);
  });

  it('sees that a rule says nothing new, or no longer does', () => {
    const both = tool({ deny_if: [{ conditions: [{ path: 'args.a', op: 'gt', value: 1 }] }, { conditions: [{ path: 'args.a', op: 'gt', value: 5 }] }] });
    expect(entries(tool(denies('args.a', 'gt', 1)), both)).toEqual([]);
    expect(entries({ all_tools: denies('args.a', 'gt', 1), tools: { pay: {}, ask: {} } }, { tools: { pay: denies('args.a', 'gt', 1), ask: denies('args.a', 'gt', 1) } })).toEqual([]);
    expect(entries(tool(denies('args.a', 'exists', false)), tool(requires('args.a', 'exists', true)))).toEqual([]);
    expect(brief(tool(denies('args.a', 'lte', 1)), tool(requires('args.a', 'gt', 1)))).toEqual(['tightened pay /tools/pay/require/0']);
  });

  it('sees that a class of tools and their names are the same, given the tools', () => {
    const tools = [
      { name: 'a', labels: { category: 'Read' as const, risk: null, annotations: {} } },
      { name: 'b', labels: { category: 'Read' as const, risk: null, annotations: {} } },
      { name: 'c', labels: { category: null, risk: null, annotations: {} } },
    ];
    const rule = denies('args.x', 'eq', 1);
    const [byClass, byName] = [aPolicyDocument({ select: [{ match: { category: ['Read'] }, allow: true, ...rule }] }), aPolicyDocument({ tools: { a: rule, b: rule } })];
    expect(diffPolicies(byClass, byName, tools).entries).toEqual([]);
    expect(diffPolicies(byClass, byName).entries.map(({ kind, tool: of }) => `${kind} ${of}`)).toEqual(expect.arrayContaining(['loosened a']));
    expect(diffPolicies(aPolicyDocument({ tools: { a: rule } }), byClass, tools).entries).toMatchObject([{ kind: 'gained', tool: 'b', pointer: '/select/0/allow' }]);
  });

  it('tells times apart by the zone they are in', () => {
    const night = denies('time.hour', 'lt', 6);
    expect(entries({ all_tools: night, tools: { pay: {} } }, { timezone: 'Europe/Berlin', all_tools: night, tools: { pay: {} } })).toEqual([
      { kind: 'changed', tool: '*', pointer: '/timezone', side: 'after', ruleId: null, sentence: 'Times are now those of Europe/Berlin, instead of UTC.' },
    ]);
    expect(entries({ timezone: 'Etc/UTC', all_tools: night, tools: { pay: {} } }, { all_tools: night, tools: { pay: {} } })).toEqual([]);
    expect(entries({ tools: { pay: {} } }, { timezone: 'Europe/Berlin', tools: { pay: {} } })).toEqual([]);
  });

  it('compares flows, answers and records', () => {
    const flow = (about: object): object => ({ tools: { pay: {} }, flows: [{ after: { server: ['mail'], marks: 'untrusted' }, deny: { category: ['Execute'] }, ...about }] });
    expect(brief({ tools: { pay: {} } }, flow({}))).toEqual(['tightened * /flows/0']);
    expect(brief(flow({}), flow({ unless: 'approval' }))).toEqual(['changed * /flows/0']);
    const answer = (redact: readonly object[], bytes?: number): object => tool({ response: { redact, ...(bytes === undefined ? {} : { max_bytes: bytes }) }, record: 'full' });
    const [mask, drop] = [{ detector: 'email', action: 'mask' }, { path: 'structuredContent.ssn', action: 'remove' }];
    expect(entries(answer([mask, drop]), answer([drop, mask, mask]))).toEqual([]);
    expect(brief(answer([mask]), answer([mask, drop], 100))).toEqual(['tightened pay /tools/pay/response/redact/1', 'tightened pay /tools/pay/response/max_bytes']);
    expect(brief(tool({ record: 'digest' }), tool({ record: 'full' }))).toEqual(['changed pay /tools/pay/record']);
    expect(entries(tool({}), tool({ record: 'digest' }))).toEqual([]);
  });

  it('compares approvals by what they bind and when', () => {
    const asks = (approval: object): object => tool({ approval });
    expect(brief(asks({}), asks({ quorum: 2 }))).toEqual(['changed pay /tools/pay/approval']);
    expect(entries(asks({ approvers: ['role:a', 'role:b'] }), asks({ approvers: ['role:b', 'role:a', 'role:a'] }))).toEqual([]);
    const above = (value: number): object => asks({ if: [{ path: 'args.amount', op: 'gt', value }] });
    expect(brief(above(100), above(50))).toEqual(['tightened pay /tools/pay/approval']);
    expect(brief(above(100), tool({ action: 'require_approval' }))).toEqual(['tightened pay /tools/pay/action']);
  });

  it('says of a tool that stays denied only whether it is listed', () => {
    expect(entries({ tools: { pay: { action: 'deny' } } }, {})).toEqual([
      { kind: 'changed', tool: 'pay', pointer: '/tools/pay', side: 'before', ruleId: '/tools/pay', sentence: 'pay is still denied, and no longer listed.' },
    ]);
    expect(entries({ hide: ['pay'] }, {})).toEqual([]);
  });

  it('says once what is taken away that was written twice', () => {
    expect(brief({ default: 'allow', hide: ['a*', 'a*'] }, { default: 'allow' })).toEqual(['loosened a* /hide/0']);
    const denial = { conditions: [{ path: 'args.n', op: 'eq', value: 1 }] };
    expect(brief({ tools: { pay: { deny_if: [denial, denial] } } }, { tools: { pay: {} } })).toEqual(['loosened pay /tools/pay/deny_if/0']);
  });

  it('tells of another default only where it decides some call', () => {
    expect(brief({ default: 'allow' }, {})).toEqual(['tightened * /default']);
    expect(brief({ default: 'allow', all_tools: { deny_if: [{ conditions: [] }] } }, { all_tools: { action: 'deny' } })).toEqual([]);
    const admitted = [{ match: { name: ['*'] }, allow: true }];
    expect(brief({ default: 'allow', select: admitted }, { select: admitted })).toEqual([]);
  });

  it('stays within its bounds for the largest documents', () => {
    const conditions = Array.from({ length: 100 }, (_, index) => ({ path: `args.f${index}`, op: 'gt', value: index }));
    const large = (value: number): object => ({
      all_tools: { deny_if: conditions.map((condition, index) => ({ conditions: [condition, conditions[(index * 7) % 100]] })).slice(0, 50) },
      select: Array.from({ length: 50 }, (_, index) => ({ match: { name: [`tool_${index % 10}*`] }, deny_if: [{ conditions: [{ path: `args.g${index}`, op: 'eq', value }] }] })),
      tools: Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`tool_${index}`, denies('args.n', 'eq', value + index)])),
    });
    const [before, after] = [aPolicyDocument(large(1)), aPolicyDocument(large(2))];
    const kinds = diffPolicies(before, after).entries.map(({ kind, tool: of }) => `${kind} ${of === '*' ? of : 'tool'}`);
    expect([...new Set(kinds)].sort()).toEqual(['changed *', 'changed tool']);
    expect(kinds).toHaveLength(1_050);
  }, 60_000);
});
