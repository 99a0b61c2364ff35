import { formatDecimal } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';

import { compilePolicy } from '../compile-policy.js';
import { decide } from '../decide.js';
import { readJson } from '../parse/read-json.js';
import { aToolCall } from '../testing/a-tool-call.js';
import { HOSTILE_IMPORTS } from '../testing/hostile-documents.js';
import type { ToolCall } from '../verdict.js';
import { importPolicy } from './import-policy.js';

const refusals = (yaml: string) => {
  const imported = importPolicy(yaml);
  return imported.ok ? [] : imported.refusal.map(({ code, line, column, pointer }) => `${line}:${column} ${code} ${pointer}`);
};
const document = (yaml: string): unknown => {
  const imported = importPolicy(yaml);
  if (!imported.ok) throw new Error(JSON.stringify(imported.refusal));
  return JSON.parse(imported.value.text);
};

describe('an imported policy', () => {
  it('says what the older form said', () => {
    const yaml = `
version: "1"
description: Payments
hide: [transfer_repository]
tools:
  create_charge:
    rules:
      - name: max single charge
        conditions:
          - { path: args.amount, op: lte, value: 50000 }
          - { path: args.currency, op: in, value: [usd, eur] }
        on_deny: Too much.
      - name: daily spend cap
        conditions: [{ path: state.create_charge.daily_spend, op: lt, value: 1000000 }]
        state: { counter: daily_spend, window: day, increment_from: args.amount }
  read_file: { rules: [] }
  delete_customer:
    rules: [{ name: block, action: deny }]
  "*":
    rules:
      - { name: global, rate_limit: 60/minute }
`;
    expect(document(yaml)).toEqual({
      version: '1',
      description: 'Payments',
      default: 'allow',
      hide: ['transfer_repository'],
      all_tools: { limits: [{ counter: '_global._rate_minute', window: 'minute', max: 60, scope: 'grant', on_deny: 'Rate limit of 60 per minute reached. Try again later.' }] },
      tools: {
        create_charge: {
          require: [{ conditions: [{ path: 'args.amount', op: 'lte', value: 50_000 }, { path: 'args.currency', op: 'in', value: ['usd', 'eur'] }], on_deny: 'Too much.' }],
          limits: [{ counter: 'create_charge.daily_spend', window: 'day', max: 999_999, scope: 'grant', increment_from: 'args.amount', on_deny: 'Rate limit exceeded for daily spend cap' }],
        },
        read_file: {},
        delete_customer: { deny_if: [{ conditions: [], on_deny: 'Denied by rule "block"' }] },
      },
    });
    const imported = importPolicy(yaml);
    expect(imported.ok && imported.value.notes.map(({ line, pointer }) => [line, pointer])).toEqual([[15, '/tools/create_charge/rules/1/state/increment_from']]);
  });

  it('counts calls in whole ones where each took several units', () => {
    const yaml = 'version: 1\ntools:\n  t:\n    rules:\n      - name: n\n        conditions: [{path: state.t.c, op: lte, value: 10}]\n        state: {counter: c, window: hour, increment: 3}\n';
    expect(document(yaml)).toMatchObject({ tools: { t: { limits: [{ max: 3 }] } } });
  });

  it('finds what equals a value in the older form, whatever its type', () => {
    const one = (condition: string) => document(`version: "1"\ntools: {t: {rules: [{name: n, conditions: [${condition}]}]}}`);
    const required = (condition: object) => ({ tools: { t: { require: [{ conditions: [condition] }] } } });
    expect(one('{path: args.a, op: eq, value: main}')).toMatchObject(required({ path: 'args.a', op: 'eq', value: 'main' }));
    expect(one('{path: args.a, op: eq, value: 5}')).toMatchObject(required({ op: 'in', value: [5, '5'] }));
    expect(one('{path: args.a, op: neq, value: "5"}')).toMatchObject(required({ op: 'not_in', value: ['5', 5] }));
    expect(one('{path: args.a, op: eq, value: 1500000}')).toMatchObject(required({ op: 'in', value: [1_500_000, '1.5e+06', '1500000'] }));
    expect(one('{path: args.a, op: in, value: [true, null]}')).toMatchObject(required({ op: 'in', value: [true, 'true', null, '<nil>'] }));
    expect(one('{path: args.a, op: contains, value: "5"}')).toMatchObject(required({ any: [{ op: 'contains', value: '5' }, { op: 'contains', value: 5 }] }));
    expect(one('{path: "args.a[0].b~c/d", op: exists, value: true}')).toMatchObject(required({ path: { pointer: '/a[0]/b~0c~1d' } }));
  });
});

describe('an import', () => {
  it.each([
    ['a counter of another tool', 'tools:\n  t:\n    rules:\n      - name: n\n        conditions:\n          - path: state.u.c\n            op: lte\n            value: 1', ['6:13 not_exact /tools/t/rules/0/conditions/0/path']],
    ['a counter read without counting', 'tools:\n  t:\n    rules:\n      - name: n\n        conditions:\n          - {path: state.t.c, op: lte, value: 1}', ['6:14 not_exact /tools/t/rules/0/conditions/0/path']],
    ['a counter bounded from below', 'tools:\n  t:\n    rules:\n      - name: n\n        conditions: [{path: state.t.c, op: gte, value: 1}]\n        state: {counter: c, window: day}', ['5:40 not_exact /tools/t/rules/0/conditions/0/op']],
    ['a bound that allows nothing', 'tools:\n  t:\n    rules:\n      - name: n\n        conditions: [{path: state.t.c, op: lt, value: 0}]\n        state: {counter: c, window: day}', ['5:48 not_exact /tools/t/rules/0/conditions/0/value']],
    ['a list to be compared as a text', 'tools: {t: {rules: [{name: n, conditions: [{path: args.a, op: eq, value: [1]}]}]}}', ['1:67 not_exact /tools/t/rules/0/conditions/0/value']],
    ['a number to be looked for in texts and lists', 'tools: {t: {rules: [{name: n, conditions: [{path: args.a, op: contains, value: 1}]}]}}', ['1:73 not_exact /tools/t/rules/0/conditions/0/value']],
    ['an unknown field', 'tools:\n  t:\n    rules: []\n    rulez: []', ['4:5 unknown_field /tools/t/rulez']],
    ['another operator', 'tools: {t: {rules: [{name: n, conditions: [{path: args.a, op: like, value: x}]}]}}', ['1:59 unknown_op /tools/t/rules/0/conditions/0/op']],
    ['a pattern of another dialect', 'tools:\n  t:\n    rules:\n      - name: n\n        conditions:\n          - {path: args.b, op: exists, value: true}\n          - {path: args.a, op: regex, value: "(?=x)"}', ['7:13 bad_regex /tools/t/rules/0/conditions/1']],
    ['a rate limit in another form', 'tools: {t: {rules: [{rate_limit: 5 per hour}]}}', ['1:22 bad_value /tools/t/rules/0/rate_limit']],
    ['one counter in two rules', 'tools:\n  t:\n    rules:\n      - rate_limit: 5/hour\n      - rate_limit: 6/hour', ['5:9 duplicate_counter /tools/t/rules/1']],
    ['a glob in what is hidden', 'hide: ["a*"]\ntools: {}', ['1:8 not_exact /hide/0']],
    ['a number that readers of YAML disagree about', 'tools: {t: {rules: [{name: n, conditions: [{path: args.a, op: lt, value: 010}]}]}}', ['1:67 bad_yaml /tools/t/rules/0/conditions/0/value']],
    ['a date without quotes', 'tools: {t: {rules: [{name: n, conditions: [{path: args.a, op: eq, value: 2026-11-21}]}]}}', ['1:67 bad_yaml /tools/t/rules/0/conditions/0/value']],
    ['a key that stands twice', 'tools: {}\ntools: {}', ['2:1 duplicate_key /tools']],
    ['a tag', 'tools: !!map {}', ['1:1 bad_yaml /tools']],
  ])('is refused with its line: %s', (_what, yaml, wanted) => {
    expect(refusals(`${yaml}\nversion: "1"`)).toEqual(wanted);
  });

  it.each([
    ['two documents', 'version: "1"\n---\ntools: {}', '2:1 bad_yaml '],
    ['no YAML', 'tools: [', '1:9 bad_yaml '],
    ['no version', 'tools: {}', '1:1 missing_field '],
  ])('is refused with its line: %s', (_what, yaml, wanted) => {
    expect(refusals(yaml)).toEqual([wanted]);
  });

  it.each(HOSTILE_IMPORTS)('is refused for %s', (_, text) => {
    expect(refusals(text).length).toBeGreaterThan(0);
  });
});

/** The older form, as small as its meaning: what it admits, with counters of its own. */
class OldForm {
  private readonly counters = new Map<string, { window: number; value: number }>();

  constructor(private readonly policy: OldPolicy) {}

  admits(tool: string, args: Record<string, unknown>, atMs: number): boolean {
    const { hide = [], default: effect = 'allow', tools } = this.policy;
    if (hide.includes(tool) || hide.includes('*')) return false;
    if (effect === 'deny' && !Object.hasOwn(tools, tool)) return false;
    const rules = [
      ...(Object.hasOwn(tools, tool) ? (tools[tool]?.rules ?? []) : []).map((rule) => ({ rule, scope: tool })),
      ...(tools['*']?.rules ?? []).map((rule) => ({ rule, scope: '_global' })),
    ];
    if (!rules.every(({ rule, scope }) => rule.action !== 'deny' && (rule.conditions ?? []).every((condition) => this.holds(condition, args, atMs, scope)))) return false;
    const taken: { key: string; window: number; amount: number }[] = [];
    for (const { rule, scope } of rules) {
      if (rule.state === undefined) continue;
      const key = `${scope}.${rule.state.counter}`;
      const bound = rule.conditions?.find((condition) => condition.path === `state.${key}`);
      if (bound === undefined) continue;
      const amount = rule.state.increment_from === undefined ? (rule.state.increment ?? 1) : at(args, rule.state.increment_from.slice(5));
      if (typeof amount !== 'number') return false;
      const window = Math.floor(atMs / LENGTHS[rule.state.window]);
      const most = Number(bound.value) - (bound.op === 'lt' ? 1 : 0);
      if (this.value(key, window) + amount > most) return false;
      taken.push({ key, window, amount });
    }
    for (const { key, window, amount } of taken) this.counters.set(key, { window, value: this.value(key, window) + amount });
    return true;
  }

  private value(key: string, window: number): number {
    const kept = this.counters.get(key);
    return kept?.window === window ? kept.value : 0;
  }

  private holds({ path, op, value }: OldCondition, args: Record<string, unknown>, atMs: number, scope: string): boolean {
    if (path.startsWith('state.')) {
      const rules = this.policy.tools[scope === '_global' ? '*' : scope]?.rules ?? [];
      const window = rules.find((rule) => `state.${scope}.${rule.state?.counter}` === path)?.state?.window ?? 'minute';
      const now = this.value(path.slice('state.'.length), Math.floor(atMs / LENGTHS[window]));
      return op === 'lt' ? now < Number(value) : now <= Number(value);
    }
    const actual = at(args, path.slice(5));
    if (op === 'exists') return (actual !== undefined && actual !== null) === value;
    if (actual === undefined) return false;
    switch (op) {
      case 'eq':
        return same(actual, value);
      case 'neq':
        return !same(actual, value);
      case 'in':
        return (value as unknown[]).some((each) => same(actual, each));
      case 'not_in':
        return !(value as unknown[]).some((each) => same(actual, each));
      case 'contains':
        return typeof actual === 'string' ? typeof value === 'string' && actual.includes(value) : Array.isArray(actual) && actual.some((each) => same(each, value));
      default:
        return typeof actual === 'number' && { lt: actual < Number(value), lte: actual <= Number(value), gt: actual > Number(value), gte: actual >= Number(value) }[op];
    }
  }
}

const LENGTHS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const printed = (value: unknown): string => (value === null ? '<nil>' : Array.isArray(value) ? `[${value.map(printed).join(' ')}]` : String(value));
const same = (left: unknown, right: unknown): boolean => (typeof left === 'number' && typeof right === 'number' ? left === right : printed(left) === printed(right));
const at = (args: unknown, path: string): unknown => path.split('.').reduce<unknown>((value, name) => (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined), args);

type OldOp = 'eq' | 'neq' | 'in' | 'not_in' | 'lt' | 'lte' | 'gt' | 'gte' | 'contains' | 'exists';
interface OldCondition {
  readonly path: string;
  readonly op: OldOp;
  readonly value: unknown;
}
interface OldRule {
  readonly name: string;
  readonly action?: 'deny' | 'evaluate';
  readonly conditions?: readonly OldCondition[];
  readonly state?: { readonly counter: string; readonly window: keyof typeof LENGTHS; readonly increment?: number; readonly increment_from?: string };
}
interface OldPolicy {
  readonly version: '1';
  readonly default?: 'allow' | 'deny';
  readonly hide?: readonly string[];
  readonly tools: Readonly<Record<string, { readonly rules: readonly OldRule[] }>>;
}

const names = fc.constantFrom('a', 'b', 'n.m');
const scalars = fc.constantFrom<(string | number | boolean | null)[]>(0, 1, 5, -2, 'x', '5', '1', 'true', 'xx5', true, false, null, '<nil>');
const argumentValues = fc.oneof(scalars, fc.array(scalars, { maxLength: 2 }));
const conditions: fc.Arbitrary<OldCondition> = fc.oneof(
  fc.record({ path: names.map((name) => `args.${name}`), op: fc.constantFrom<OldOp[]>('eq', 'neq'), value: scalars }),
  fc.record({ path: names.map((name) => `args.${name}`), op: fc.constantFrom<OldOp[]>('in', 'not_in'), value: fc.array(scalars, { maxLength: 3 }) }),
  fc.record({ path: names.map((name) => `args.${name}`), op: fc.constantFrom<OldOp[]>('lt', 'lte', 'gt', 'gte'), value: fc.integer({ min: -2, max: 6 }) }),
  fc.record({ path: names.map((name) => `args.${name}`), op: fc.constant<OldOp>('contains'), value: fc.constantFrom('x', '5', '1') }),
  fc.record({ path: names.map((name) => `args.${name}`), op: fc.constant<OldOp>('exists'), value: fc.boolean() }),
);
const rules = (scope: string): fc.Arbitrary<OldRule[]> =>
  fc.tuple(fc.array(fc.record({ name: fc.constant('r'), conditions: fc.array(conditions, { minLength: 1, maxLength: 2 }) }), { maxLength: 2 }), fc.option(counting(scope)), fc.option(fc.constant<OldRule>({ name: 'd', action: 'deny' }), { freq: 12 })).map(([own, counted, denied]) => [...own, ...(counted === null ? [] : [counted]), ...(denied === null ? [] : [denied])]);
const counting = (scope: string): fc.Arbitrary<OldRule> =>
  fc.record({ window: fc.constantFrom('minute' as const, 'hour' as const), op: fc.constantFrom<OldOp[]>('lt', 'lte'), value: fc.integer({ min: 1, max: 7 }), increment: fc.constantFrom({}, { increment: 2 }, { increment_from: 'args.a' }), own: fc.option(conditions) }).map(({ window, op, value, increment, own }) => ({
    name: 'c',
    conditions: [...(own === null ? [] : [own]), { path: `state.${scope}.c`, op, value }],
    state: { counter: 'c', window, ...increment },
  }));
const policies: fc.Arbitrary<OldPolicy> = fc.record(
  {
    version: fc.constant('1' as const),
    default: fc.constantFrom('allow' as const, 'deny' as const),
    hide: fc.constantFrom(['u'], ['*'], []),
    tools: fc.record({ t: rules('t').map((each) => ({ rules: each })), u: rules('u').map((each) => ({ rules: each })), '*': rules('_global').map((each) => ({ rules: each })) }, { requiredKeys: [] }) as fc.Arbitrary<OldPolicy['tools']>,
  },
  { requiredKeys: ['version', 'tools'] },
);
/** Amounts are whole and not negative, where the older form and its documentation agree. */
const calls = fc.array(fc.record({ tool: fc.constantFrom('t', 'u', 'other'), args: fc.dictionary(fc.constantFrom('a', 'b'), argumentValues, { maxKeys: 2 }), minutes: fc.constantFrom(0, 1, 30) }), { maxLength: 12 });

describe('an imported policy, brute force', () => {
  it('admits exactly the calls that the older form admitted', () => {
    let [imports, compared] = [0, 0];
    fc.assert(
      fc.property(policies, calls, (policy, sequence) => {
        imports += 1;
        const imported = importPolicy(stringify(policy, { aliasDuplicateObjects: false }));
        if (!imported.ok) throw new Error(JSON.stringify(imported.refusal));
        const compiled = compilePolicy(imported.value.document);
        const old = new OldForm(policy);
        const spent = new Map<string, number>();
        let atMs = 1_760_000_000_000;
        for (const { tool, args, minutes } of sequence) {
          atMs += minutes * 60_000;
          if (typeof args['a'] === 'number' && args['a'] < 0) continue;
          const admits = admitsNow(aToolCall({ tool, args: exact(args), atMs: atMs as ToolCall['atMs'] }), spent);
          expect([tool, args, admits]).toEqual([tool, args, old.admits(tool, args, atMs)]);
          compared += 1;
        }

        function admitsNow(call: ToolCall, units: Map<string, number>): boolean {
          const verdict = decide(compiled, call);
          if (verdict.effect === 'deny') return false;
          const asked = verdict.asks.map((ask) => ({ key: `${ask.counter} ${ask.windowStartMs}`, units: Number(formatDecimal(ask.units)), max: Number(formatDecimal(ask.max)) }));
          if (asked.some((ask) => (units.get(ask.key) ?? 0) + ask.units > ask.max)) return false;
          for (const ask of asked) units.set(ask.key, (units.get(ask.key) ?? 0) + ask.units);
          return true;
        }
      }),
      { numRuns: 300 },
    );
    expect(compared).toBeGreaterThan(imports / 2);
  }, 30_000);
});

function exact(args: object): ToolCall['args'] {
  const read = readJson(JSON.stringify(args));
  return read.ok ? (read.value as ToolCall['args']) : {};
}
