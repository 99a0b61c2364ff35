import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import type { DeclaredTool } from '../declared-tool.js';
import { diffPolicies } from '../diff-policies.js';
import { aPolicyDocument } from '../testing/a-policy.js';
import type { ToolLabels } from '../verdict.js';

interface DiffCase {
  readonly before: object;
  readonly after: object;
  readonly entries: readonly object[];
}
const golden = JSON.parse(readFileSync(new URL('../../fixtures/diff-whole-rules.json', import.meta.url), 'utf8')) as readonly DiffCase[];
const entries = (before: object, after: object, tools?: readonly DeclaredTool[]) => diffPolicies(aPolicyDocument(before), aPolicyDocument(after), tools).entries;
const brief = (before: object, after: object, tools?: readonly DeclaredTool[]): readonly string[] => entries(before, after, tools).map(({ kind, tool, pointer, side }) => `${kind} ${tool} ${side}${pointer}`);

describe('what is said of rules that differ', () => {
  it.each(golden.map(({ before, after, entries: said }) => [JSON.stringify(before), JSON.stringify(after), { before, after, said }] as const))('from %s to %s', (_, __, { before, after, said }) => {
    expect(entries(before, after)).toEqual(said);
  });
});

describe('a diff that knows the tools', () => {
  const labels = (about: Partial<ToolLabels> = {}): ToolLabels => ({ category: null, risk: null, annotations: {}, ...about });
  const TOOLS: readonly DeclaredTool[] = [
    { name: 'get', labels: labels({ category: 'Read', risk: 'Low', annotations: { readOnlyHint: true } }) },
    { name: 'list', labels: labels({ category: 'Read' }) },
    { name: 'pay', labels: labels({ category: 'Financial', risk: 'High' }) },
    { name: 'unlabelled' },
  ];
  const select = (match: object, rule: object = { allow: true }): object => ({ select: [{ match, ...rule }] });

  it('says of each what a class brings it', () => {
    expect(brief({}, select({ category: ['Read'] }), TOOLS)).toEqual(['gained get after/select/0/allow', 'gained list after/select/0/allow', 'gained unlabelled after/select/0/allow']);
    expect(brief(select({ risk: ['Low', 'High'] }), select({ risk: ['High'] }), TOOLS)).toEqual([
      'tightened * before/select/0/allow',
      'lost get before/select/0/allow',
    ]);
    expect(brief(select({ annotations: { readOnlyHint: true } }), {}, TOOLS.slice(0, 3))).toEqual(['lost get before/select/0/allow']);
    expect(brief({}, select({ category: ['Write'] }), TOOLS.slice(0, 3))).toEqual([]);
  });

  it('says once what a class changes for those that have it', () => {
    const open = { default: 'allow' };
    const limit = { limits: [{ counter: 'c', window: 'minute', max: 5 }] };
    expect(brief(open, { ...open, ...select({ category: ['Read'] }, limit) }, TOOLS)).toEqual(['tightened * after/select/0/limits/0']);
    expect(brief(open, { ...open, ...select({ category: ['Write'] }, limit) }, TOOLS.slice(0, 3))).toEqual([]);
    expect(brief({ ...open, ...select({ risk: ['High'] }, limit) }, { ...open, tools: { pay: limit } }, TOOLS.slice(0, 3))).toEqual([]);
    expect(brief({ ...open, ...select({ risk: ['High'] }, { record: 'full' }) }, { ...open, tools: { pay: { record: 'full' } } }, TOOLS.slice(0, 3))).toEqual([]);
  });

  it('says what a change of default is, whatever tools there are', () => {
    expect(brief({}, { default: 'allow' }, [])).toEqual(['loosened * after/default']);
    expect(brief({ default: 'allow' }, {}, TOOLS.slice(0, 1))).toEqual(['tightened * after/default', 'lost get after/default']);
  });

  it('says of another message only where a tool is bound by it before and after', () => {
    const worded = (message: string, others: object = {}): object => ({ all_tools: { deny_if: [{ conditions: [{ path: 'args.a', op: 'eq', value: 1 }], on_deny: message }] }, ...others });
    const tools = { pay: {} };
    expect(brief(worded('A.'), worded('B.', { tools }), TOOLS.slice(2, 3))).toEqual(['gained pay after/tools/pay']);
    expect(brief(worded('A.', { tools }), worded('B.'), TOOLS.slice(2, 3))).toEqual(['lost pay before/tools/pay']);
    expect(brief(worded('A.', { tools }), worded('B.', { tools }), TOOLS.slice(2, 3))).toEqual(['changed * after/all_tools/deny_if/0']);
  });

  it('points at the class that admits a tool, wherever it says so', () => {
    const [other, record, admits] = [{ match: { name: ['a*'] }, allow: true }, { match: { name: ['g*'] }, record: 'full' }, { match: { name: ['g*'] }, allow: true }];
    expect(brief({}, { select: [other, record, admits] }, TOOLS.slice(0, 1))).toEqual(['gained get after/select/2/allow']);
    expect(brief({ select: [record, other, admits] }, { select: [record] }, TOOLS.slice(0, 1))).toEqual(['lost get before/select/2/allow']);
  });

  it('takes the nearest record and limit', () => {
    const own = (all: object): object => ({ all_tools: all, tools: { get: { record: 'digest' } } });
    expect(brief(own({ record: 'full' }), own({}), TOOLS.slice(0, 1))).toEqual([]);
    const ofClass = (all: object): object => ({ ...own(all), tools: { get: {} }, select: [{ match: { category: ['Read'] }, record: 'excerpt' }] });
    expect(brief(ofClass({ record: 'full' }), ofClass({}), TOOLS.slice(0, 1))).toEqual([]);
  });

  it('leaves aside what no tool it knows can be', () => {
    expect(brief({ default: 'allow' }, { default: 'allow', hide: ['z*'] }, TOOLS)).toEqual([]);
    expect(brief({ default: 'allow' }, { default: 'allow', hide: ['g*'] }, TOOLS)).toEqual(['lost get after/hide/0']);
    expect(brief({ default: 'allow' }, { default: 'allow', hide: ['**'] }, TOOLS.slice(0, 2))).toEqual(['lost get after/hide/0', 'lost list after/hide/0']);
  });
});

describe('a diff too large to work out', () => {
  /** Rules that meet in so many ways that no diagram of them is small. */
  const tangled = (op: string): readonly object[] =>
    Array.from({ length: 35 }, (_, index) => ({
      conditions: [
        { path: `args.f${index}`, op, value: index },
        { path: `args.f${(index * 17 + 5) % 35}`, op, value: index + 1 },
      ],
    }));
  const kinds = (before: object, after: object): readonly string[] => [...new Set(brief(before, after).map((each) => each.replace(/\d+$/, '')))];
  const pay = (rule: object): object => ({ tools: { pay: rule } });

  it('claims only what is sure: that rules which come deny more and rules which go deny less', () => {
    expect(kinds(pay({}), pay({ deny_if: tangled('gt') }))).toEqual(['tightened pay after/tools/pay/deny_if/']);
    expect(kinds(pay({ deny_if: tangled('gt') }), pay({}))).toEqual(['loosened pay before/tools/pay/deny_if/']);
    expect(kinds(pay({}), pay({ require: tangled('gt') }))).toEqual(['tightened pay after/tools/pay/require/']);
  });

  it('claims of what admits the other way round', () => {
    const read = { match: { category: ['Read'] }, allow: true };
    expect(kinds({ all_tools: { deny_if: tangled('gt') }, select: [{ match: { risk: ['Low'] }, allow: true }] }, { all_tools: { deny_if: tangled('lt') }, select: [{ match: { risk: ['Low'] }, allow: true }, read] })).toEqual([
      'tightened * after/all_tools/deny_if/',
      'loosened * before/all_tools/deny_if/',
      'loosened * after/select/1/allow',
    ]);
  });

  it('says of rules in place of others that it cannot decide', () => {
    const moved = tangled('gt').map((each) => JSON.parse(JSON.stringify(each).replaceAll(/"value":(\d+)/g, '"value":1$1')) as object);
    const found = brief(pay({ deny_if: tangled('gt') }), pay({ deny_if: moved }));
    expect(found).toContain('undecidable pay after/tools/pay/deny_if/34');
  });

  it('compares what differs alone, where the rest is too large', () => {
    const shared = tangled('gt');
    const own = { conditions: [{ path: 'args.z', op: 'eq', value: 1 }] };
    expect(brief(pay({ deny_if: shared }), pay({ deny_if: [...shared, own] }))).toEqual(['tightened pay after/tools/pay/deny_if/35']);
    expect(brief(pay({ deny_if: shared }), pay({ deny_if: [...shared].reverse() }))).toEqual([]);
    expect(brief({ all_tools: { deny_if: shared }, tools: { pay: {} } }, { all_tools: { deny_if: shared }, tools: { pay: {}, ask: {} } })).toEqual(['gained ask after/tools/ask']);
  });
});
