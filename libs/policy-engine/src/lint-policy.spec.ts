import { readFileSync } from 'node:fs';

import type { JsonObject, JsonValue } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { DeclaredTool } from './declared-tool.js';
import type { PolicyFinding } from './finding.js';
import { lintPolicy } from './lint-policy.js';
import { applyPolicyEdit } from './policy-edit.js';
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
      {
        severity: 'warning',
        code: 'unknown_tool',
        pointer: '/hide/0',
        message: 'The server declares no tool "stop_timr".',
        fix: 'Did you mean "stop_timer"?',
        edit: [{ op: 'replace', path: '/hide/0', value: 'stop_timer' }],
      },
      {
        severity: 'warning',
        code: 'unknown_tool',
        pointer: '/tools/stop_tmer',
        message: 'The server declares no tool "stop_tmer".',
        fix: 'Did you mean "stop_timer"?',
        edit: [{ op: 'move', from: '/tools/stop_tmer', path: '/tools/stop_timer' }],
      },
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
        edit: [{ op: 'replace', path: `${AT}/path`, value: 'args.amount' }],
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
    for (const inputSchema of [{}, { type: 'object' }, { $ref: '#/nowhere' }, { $ref: '#' }, { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } }, { type: 'object', properties: {}, additionalProperties: true }]) {
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
    [[is('args.note', 'eq', 'x'), is('args.note', 'regex', 'y')]],
    [[{ not: { any: [is('args.amount', 'lte', 5), is('args.amount', 'gt', 5)] } }]],
    [[{ all: [is('args.note', 'length_gt', 5), { not: is('args.note', 'length_gt', 3) }] }]],
  ])('warns of conditions that exclude each other: %j', (conditions) => {
    expect(brief(requires(...conditions))).toEqual(['never_matches /tools/pay/require/0']);
    expect(brief(denies(...conditions))).toEqual(['never_matches /tools/pay/deny_if/0']);
  });

  it.each([
    [[is('args.amount', 'gte', 100), is('args.amount', 'lte', 100)]],
    [[is('args.amount', 'eq', 5), is('args.amount', 'gte', 5)]],
    [[is('args.note', 'exists', false), is('args.note', 'eq', null)]],
    [[is('args.items[*].price', 'gt', 100), is('args.items[*].price', 'lt', 10)]],
    [[is('args.note', 'eq', 'y'), is('args.note', 'regex', 'y')]],
    [[is('args.note', 'regex', 'x'), is('args.note', 'regex', 'y')]],
  ])('lets conditions stand that may hold together: %j', (conditions) => {
    expect(brief(requires(...conditions))).toEqual([]);
  });

  it('warns where a deny_if is silent about a call that leaves the value out', () => {
    const policy = denies(is('args.note', 'regex', 'secret'), is('args.amount', 'gt', 5), is('args.to.zip', 'eq', 'x'), is('args.free', 'exists', true));
    expect(brief(policy, pay)).toEqual(['optional_property /tools/pay/deny_if/0/conditions/0/path', 'optional_property /tools/pay/deny_if/0/conditions/2/path']);
    expect(findings(policy, pay)[0]?.fix).toBe('To deny calls without it, write "on_missing": "deny" beside the conditions.');
    expect(brief({ tools: { pay: { deny_if: [{ conditions: [is('args.note', 'regex', 'secret')], on_missing: 'deny' }] } } }, pay)).toEqual([]);
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

  it('reads schemas through allOf, patterns and what stands beside choices', () => {
    const both = { allOf: [{ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }, { properties: { b: { type: 'integer' } } }] };
    const choice = { type: 'object', properties: { a: {}, b: {} }, anyOf: [{ required: ['a'] }, { required: ['b'] }], additionalProperties: true };
    const map = { type: 'object', patternProperties: { '^x_': { type: 'number' } }, additionalProperties: { type: 'string' } };
    const at = (inputSchema: JsonObject, path: string, value: unknown): readonly string[] => brief(requires(is(path, 'eq', value)), [{ name: 'pay', inputSchema }]);
    expect([at(both, 'args.a', 'x'), at(both, 'args.b', 1), at(choice, 'args.b', 1), at(map, 'args.x_1', 1), at(map, 'args.other', 'x')].flat()).toEqual([]);
    expect([at(both, 'args.c', 1), at(choice, 'args.c', 1)].flat()).toEqual([`unknown_path ${AT}/path`, `unknown_path ${AT}/path`]);
    expect([at(both, 'args.b', 'x'), at(map, 'args.x_1', 'x'), at(map, 'args.other', 1)].flat()).toEqual(Array.from({ length: 3 }, () => `type_mismatch ${AT}/value`));
  });

  it('looks into groups, classes and rules of all tools', () => {
    expect(brief(requires({ any: [is('args.amount', 'gt', 1), { not: is('args.amuont', 'gt', 5) }] }), pay)).toEqual([`unknown_path ${AT}/any/1/not/path`]);
    const tools = [...pay, { name: 'ask', inputSchema: { type: 'object', properties: { question: { type: 'string' } } } }];
    const rule = { require: [{ conditions: [is('args.qestion', 'exists', true)] }] };
    expect(brief({ all_tools: rule, tools: { pay: {} } }, tools)).toEqual(['unknown_path /all_tools/require/0/conditions/0/path']);
    expect(brief({ all_tools: { require: [{ conditions: [is('args.question', 'exists', true)] }] }, tools: { pay: {} } }, tools)).toEqual([]);
    expect(brief({ select: [{ match: { name: ['p*', 'aks'] }, ...rule }] }, tools)).toEqual(['unknown_tool /select/0/match/name/1', 'unknown_path /select/0/require/0/conditions/0/path']);
    expect(brief({ select: [{ match: { name: ['zz*'] }, allow: true }] }, tools)).toEqual(['never_matches /select/0/match']);
  });

  it('warns of risky tools left open, and of names that look the same', () => {
    const labelled = (name: string, risk: 'Low' | 'High' | 'Critical'): DeclaredTool => ({ name, labels: { category: null, risk, annotations: {} } });
    const tools = [labelled('wipe', 'Critical'), labelled('send', 'High'), labelled('read', 'Low')];
    expect(brief({ default: 'allow' }, tools)).toEqual(['risky_tool_open /default', 'risky_tool_open /default']);
    expect(brief({ default: 'allow', hide: ['wipe'], select: [{ match: { risk: ['High'] }, rate_limit: { max: 1, window: 60 } }] }, tools)).toEqual([]);
    expect(brief({ default: 'deny' }, tools)).toEqual([]);
    expect(brief({ default: 'allow' }, [labelled('send_all', 'Low'), labelled('s\u0435nd_all', 'Low'), labelled('send_aIl', 'Low')])).toEqual(['lookalike_tool /default', 'lookalike_tool /default']);
  });

  it('offers edits that a program can carry out, after which the finding is gone', () => {
    const written = JSON.stringify({ version: '1', default: 'deny', hide: ['paye'], tools: { pya: {}, pay: { deny_if: [{ conditions: [is('args.amuont', 'gt', 1), is('args.kind', 'eq', 'cards'), is('args.amount', 'eq', '100'), is('args.note', 'regex', 'x')] }] } } });
    const [fixed, left] = carriedOut(written, pay);
    expect(left.map(({ code }) => code)).toEqual(['unknown_tool', 'never_matches']);
    expect(JSON.parse(JSON.stringify(fixed))).toMatchObject({ tools: { pay: { deny_if: [{ on_missing: 'deny', conditions: [{ path: 'args.amount' }, { value: 'card' }, { value: 100 }, {}] }] } } });
    expect(applyPolicyEdit({ tools: {} }, [{ op: 'remove', path: '/tools/x/deny_if/0' }])).toBeUndefined();
  });
});

function carriedOut(written: string, tools: readonly DeclaredTool[]): readonly [JsonValue, readonly PolicyFinding[]] {
  let document = JSON.parse(written) as JsonValue;
  for (const { edit } of [...lintPolicy(aPolicyDocument(written), tools)].reverse()) document = (edit === undefined ? undefined : applyPolicyEdit(document, edit)) ?? document;
  return [document, lintPolicy(aPolicyDocument(JSON.stringify(document)), tools)];
}

describe.each(['clockify', 'harvest', 'ticktick', 'trackingtime'] as const)('on the tools of %s', (server) => {
  const tools = readSeed(server);
  const named = tools.map(({ name }) => name);
  const withArguments = tools.filter(({ inputSchema }) => Object.keys(propertiesOf(inputSchema)).length > 0);
  const misspelt = (name: string) => fc.tuple(fc.nat({ max: name.length - 1 }), fc.constantFrom('drop', 'double', 'swap')).map(([at, how]) => slip(name, at, how)).filter((slipped) => slipped !== name && slipped !== '');

  it('a misspelt tool is always found [policy/lint]', () => {
    const cases = fc.constantFrom(...named).chain(misspelt).filter((name) => !named.includes(name));
    fc.assert(
      fc.property(cases, (name) => {
        expect(brief({ tools: { [name]: {} } }, tools)).toEqual([`unknown_tool /tools/${name}`]);
      }),
      { numRuns: 200 },
    );
  });

  it('a misspelt argument is always found [policy/lint]', () => {
    const cases = fc.constantFrom(...withArguments).chain((tool) => fc.constantFrom(...Object.keys(propertiesOf(tool.inputSchema))).chain(misspelt).map((argument) => ({ tool, argument })));
    fc.assert(
      fc.property(cases.filter(({ tool, argument }) => !(argument in propertiesOf(tool.inputSchema))), ({ tool, argument }) => {
        const at = `/tools/${tool.name}/require/0/conditions/0/path`;
        expect(brief({ tools: { [tool.name]: { require: [{ conditions: [is(`args.${argument}`, 'exists', true)] }] } } }, tools)).toEqual([`unknown_path ${at}`]);
      }),
      { numRuns: 200 },
    );
  });

  it('a correct policy gives no finding [policy/lint]', () => {
    const condition = (tool: DeclaredTool) => fc.constantFrom(...Object.entries(propertiesOf(tool.inputSchema))).chain(([name, schema]) => correct(`args.${name}`, schema));
    const rules = fc.constantFrom(...withArguments).chain((tool) => condition(tool).map((each) => [tool.name, { require: [{ conditions: [each] }], rate_limit: { max: 5, window: 60 } }] as const));
    fc.assert(
      fc.property(fc.array(rules, { maxLength: 5 }), fc.constantFrom('allow', 'deny'), (written, effect) => {
        expect(findings({ default: effect, tools: Object.fromEntries(written) }, tools)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

/** The tools of a recorded list; a name declared twice is taken as first declared. */
function readSeed(server: string): readonly DeclaredTool[] {
  const text = readFileSync(new URL(`../../test-support/data/seed-servers/${server}.json`, import.meta.url), 'utf8');
  const { tools } = JSON.parse(text) as { readonly tools: readonly DeclaredTool[] };
  return [...new Map([...tools].reverse().map((tool) => [tool.name, tool])).values()];
}

function propertiesOf(schema: JsonObject | undefined): JsonObject {
  return (schema?.['properties'] ?? {}) as JsonObject;
}

function slip(name: string, at: number, how: string): string {
  if (how === 'drop') return name.slice(0, at) + name.slice(at + 1);
  if (how === 'double') return name.slice(0, at + 1) + name.slice(at);
  return name.slice(0, at) + (name[at + 1] ?? '') + (name[at] ?? '') + name.slice(at + 2);
}

function correct(path: string, schema: unknown): fc.Arbitrary<object> {
  const { type, enum: listed } = schema as { readonly type?: string; readonly enum?: readonly string[] };
  if (listed !== undefined) return fc.subarray([...listed], { minLength: 1 }).map((value) => is(path, 'in', value));
  if (type === 'string') return fc.oneof(fc.constantFrom('regex', 'contains', 'starts_with', 'eq').map((op) => is(path, op, 'x')), fc.constant(is(path, 'length_lt', 100)));
  if (type === 'number' || type === 'integer') return fc.tuple(fc.constantFrom('lt', 'gte', 'eq'), fc.nat({ max: 100 })).map(([op, value]) => is(path, op, value));
  if (type === 'boolean') return fc.boolean().map((value) => is(path, 'eq', value));
  return fc.constant(is(path, 'exists', true));
}
