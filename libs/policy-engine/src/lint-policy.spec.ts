import { readFileSync } from 'node:fs';

import type { JsonObject } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import type { DeclaredTool } from './declared-tool.js';
import { lintPolicy } from './lint-policy.js';
import { aPolicyDocument } from './testing/a-policy.js';

const declared = JSON.parse(readFileSync(new URL('../fixtures/declared-tools.json', import.meta.url), 'utf8')) as Readonly<
  Record<'clockify' | 'harvest' | 'ticktick' | 'trackingtime', readonly DeclaredTool[]>
>;
const schema: JsonObject = {
  type: 'object',
  required: ['amount', 'to', 'kind'],
  properties: {
    amount: { type: 'number' },
    note: { type: 'string' },
    kind: { enum: ['card', 'iban'] },
    to: { type: 'object', required: ['country'], properties: { country: { type: 'string' }, zip: { anyOf: [{ type: 'string' }, { type: 'null' }] } } },
    items: { type: 'array', items: { $ref: '#/$defs/item' } },
    free: {},
    open: { type: 'object' },
  },
  $defs: { item: { type: 'object', required: ['price'], properties: { price: { type: 'integer' }, parent: { $ref: '#/$defs/item' } } } },
};
const pay: readonly DeclaredTool[] = [{ name: 'pay', inputSchema: schema }];
const findings = (policy: object, tools?: readonly DeclaredTool[]) => lintPolicy(aPolicyDocument(policy), tools);
const brief = (policy: object, tools?: readonly DeclaredTool[]): readonly string[] => findings(policy, tools).map(({ code, pointer }) => `${code} ${pointer}`);
const requires = (...conditions: readonly object[]): object => ({ tools: { pay: { require: [{ conditions }] } } });
const denies = (...conditions: readonly object[]): object => ({ tools: { pay: { deny_if: [{ conditions }] } } });
const is = (path: unknown, op: string, value: unknown): object => ({ path, op, value });
const AT = '/tools/pay/require/0/conditions/0';

describe('the linter', () => {
  it.each([
    ['clockify', 'stop_time_entry', 30],
    ['harvest', 'stop_timer', 30],
    ['harvest', 'start_timer', 10],
    ['trackingtime', 'track_task', 30],
    ['ticktick', 'ticktick_pause_focus_session', 10],
  ] as const)('finds nothing in the policy published for %s %s [policy/published-documents]', (server, tool, max) => {
    const limits = [{ counter: `${tool}_rate`, window: 'minute', max, scope: 'grant' }];
    expect(findings({ tools: { [tool]: { limits } } }, declared[server])).toEqual([]);
  });

  it('finds nothing in correct rules on real tools', () => {
    const clockify = { tools: { create_time_entry: { require: [{ conditions: [is('args.workspaceId', 'eq', 'w1'), is('args.tagIds[*]', 'contains', 't'), is('args.billable', 'eq', true)] }] } } };
    expect(findings(clockify, declared.clockify)).toEqual([]);
    const harvest = { tools: { create_time_entry: { deny_if: [{ conditions: [is('args.hours', 'gt', 12)] }], limits: [{ counter: 'hours', window: 'day', max: 24, increment_from: 'args.hours' }] } } };
    expect(findings(harvest, declared.harvest)).toEqual([]);
  });

  it('warns of tools the server does not declare, and offers the nearest', () => {
    expect(findings({ hide: ['stop_timr', 'x_*'], tools: { start_timer: {}, stop_tmer: {}, unlike_any: {} } }, declared.harvest)).toEqual([
      { severity: 'warning', code: 'unknown_tool', pointer: '/hide/0', message: 'The server declares no tool "stop_timr".', fix: 'Did you mean "stop_timer"?' },
      { severity: 'warning', code: 'unknown_tool', pointer: '/tools/stop_tmer', message: 'The server declares no tool "stop_tmer".', fix: 'Did you mean "stop_timer"?' },
      { severity: 'warning', code: 'unknown_tool', pointer: '/tools/unlike_any', message: 'The server declares no tool "unlike_any".' },
    ]);
  });

  it('warns of paths the tool does not declare, and offers the nearest', () => {
    expect(findings(requires(is('args.amuont', 'gt', 1)), pay)).toEqual([
      {
        severity: 'warning',
        code: 'unknown_path',
        pointer: `${AT}/path`,
        message: 'The tool\'s inputSchema declares no "amuont" there, so args.amuont will be missing in its calls.',
        fix: 'Did you mean "amount"?',
      },
    ]);
    for (const path of ['args.to.cuontry', 'args.amount.value', 'args.note[0]', 'args.items[*].prize', 'args.items[0].parent.parent.prize', { pointer: '/to/cuontry' }, 'args.constructor']) {
      expect(brief(requires(is(path, 'exists', true)), pay)).toEqual([`unknown_path ${AT}/path`]);
    }
    expect(brief({ tools: { pay: { limits: [{ counter: 'c', window: 'day', max: 1, increment_from: 'args.sum' }] } } }, pay)).toEqual(['unknown_path /tools/pay/limits/0/increment_from']);
  });

  it('does not guess where the schema leaves open', () => {
    for (const path of ['args.free.x', 'args.open.y.z', 'args.items[0].parent.parent.price', 'args.to.zip', { pointer: '/items/0/price' }]) {
      expect(brief(requires(is(path, 'exists', true)), pay)).toEqual([]);
    }
    for (const inputSchema of [{}, { type: 'object' }, { allOf: [schema] }, { $ref: '#/nowhere' }, { $ref: '#' }, { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } }, { type: 'object', properties: {}, additionalProperties: true }]) {
      expect(brief(requires(is('args.x', 'gt', 1)), [{ name: 'pay', inputSchema }])).toEqual([]);
    }
    expect(brief(requires(is('args.x', 'gt', 1)), [{ name: 'pay' }])).toEqual([]);
  });

  it.each([
    is('args.amount', 'eq', '100'),
    is('args.amount', 'regex', '^1'),
    is('args.amount', 'contains', 1),
    is('args.note', 'gt', 5),
    is('args.note', 'in', ['a', 5]),
    is('args.kind', 'eq', 'cash'),
    is('args.kind', 'not_in', ['card', 'cash']),
    is('args.items[*].price', 'eq', 'x'),
    is('args.to', 'eq', 5),
    is('args.to.zip', 'eq', 5),
    is('time.hour', 'eq', 24),
    is('time.hour', 'eq', '9'),
    is('time.weekday', 'in', ['sat']),
    is('tool.name', 'eq', 'refund'),
    is('identity.name', 'gt', 5),
    is('server.slug', 'eq', null),
  ])('warns of a value that the path can never have: %j', (condition) => {
    expect(brief(requires(condition), pay)).toEqual([`type_mismatch ${AT}/value`]);
  });

  it.each([
    is('args.amount', 'eq', 100.5),
    is('args.kind', 'in', ['card']),
    is('args.to.zip', 'eq', null),
    is('args.to.zip', 'regex', '^1'),
    is('args.items', 'contains', { price: 1 }),
    is('args.items[*].price', 'lt', 5),
    is('time.weekday', 'not_in', ['saturday', 'sunday']),
    is('time.hour', 'gte', 8),
    is('tool.name', 'eq', 'pay'),
  ])('finds nothing wrong with %j', (condition) => {
    expect(brief(requires(condition), pay)).toEqual([]);
  });

  it.each([
    [[is('args.amount', 'in', [])]],
    [[is('args.amount', 'eq', 1), is('args.amount', 'eq', 2)]],
    [[is('args.amount', 'eq', 5), is('args.amount', 'gt', 5)]],
    [[is('args.amount', 'eq', 5), is('args.amount', 'neq', 5)]],
    [[is('args.kind', 'eq', 'card'), is('args.kind', 'not_in', ['card'])]],
    [[is('args.amount', 'gt', 100), is('args.amount', 'lt', 10)]],
    [[is('args.amount', 'gt', 100), is('args.amount', 'lte', 100)]],
    [[is('args.note', 'exists', false), is('args.note', 'eq', 'x')]],
    [[is('args.note', 'exists', false), is('args.note', 'exists', true)]],
    [[is('args.note', 'exists', false), is('args.note', 'regex', 'x')]],
  ])('warns of conditions that exclude each other: %j', (conditions) => {
    expect(brief(requires(...conditions))).toEqual(['never_matches /tools/pay/require/0']);
    expect(brief(denies(...conditions))).toEqual(['never_matches /tools/pay/deny_if/0']);
  });

  it.each([
    [[is('args.amount', 'gte', 100), is('args.amount', 'lte', 100)]],
    [[is('args.amount', 'eq', 5), is('args.amount', 'gte', 5)]],
    [[is('args.note', 'exists', false), is('args.note', 'eq', null)]],
    [[is('args.items[*].price', 'gt', 100), is('args.items[*].price', 'lt', 10)]],
    [[is('args.note', 'eq', 'x'), is('args.note', 'regex', 'y')]],
  ])('lets conditions stand that may hold together: %j', (conditions) => {
    expect(brief(requires(...conditions))).toEqual([]);
  });

  it('warns where a deny_if is silent about a call that leaves the value out', () => {
    const policy = denies(is('args.note', 'regex', 'secret'), is('args.amount', 'gt', 5), is('args.to.zip', 'eq', 'x'), is('args.free', 'exists', true));
    expect(brief(policy, pay)).toEqual(['optional_property /tools/pay/deny_if/0/conditions/0/path', 'optional_property /tools/pay/deny_if/0/conditions/2/path']);
    expect(findings(policy, pay)[0]?.fix).toBe('To deny calls without it, add to require: { "conditions": [{"path":"args.note","op":"exists","value":true}] }');
    const both = { tools: { pay: { deny_if: [{ conditions: [is('args.note', 'regex', 'secret')] }], require: [{ conditions: [is('args.note', 'exists', true)] }] } } };
    expect(brief(both, pay)).toEqual([]);
    expect(brief({ ...denies(is('args.note', 'regex', 'x')), all_tools: { require: [{ conditions: [is('args.note', 'exists', true)] }] } }, pay)).toEqual([]);
  });

  it('warns of rules that are never asked', () => {
    expect(brief({ hide: ['p*'], tools: { pay: {} } })).toEqual(['never_matches /tools/pay']);
    expect(brief({ tools: { pay: { deny_if: [{ conditions: [] }, { conditions: [is('args.amount', 'gt', 1)] }] } } })).toEqual(['never_matches /tools/pay/deny_if/1']);
  });

  it('warns of what has no effect', () => {
    expect(brief({ all_tools: { action: 'allow' } })).toEqual(['no_effect /all_tools/action']);
    expect(brief({ tools: { pay: { reason: 'Because.' } } })).toEqual(['no_effect /tools/pay/reason']);
    expect(brief({ tools: { pay: { require: [{ conditions: [] }] } } })).toEqual(['no_effect /tools/pay/require/0']);
    expect(brief({ tools: { 'pay_*': {} } })).toEqual(['no_effect /tools/pay_*']);
  });

  it('gives at most 100 warnings', () => {
    expect(findings({ hide: Array.from({ length: 500 }, (_, index) => `tool_${index}`) }, pay)).toHaveLength(100);
  });
});
