import { formatDecimal } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compilePolicy } from './compile-policy.js';
import { decide } from './decide.js';
import type { DeclaredTool } from './declared-tool.js';
import { diffPolicies } from './diff-policies.js';
import type { DiffEntry } from './policy-diff.js';
import { aPolicyDocument } from './testing/a-policy.js';
import { aToolCall } from './testing/a-tool-call.js';
import { equivalents } from './testing/arbitrary-equivalents.js';
import type { WrittenRule } from './testing/small-policies.js';
import { equivalentFlows, wideDocument, type WideDocument } from './testing/wide-policies.js';
import type { PlacedResponse, ToolCall, Verdict } from './verdict.js';

const TOOLS: readonly DeclaredTool[] = [
  { name: 'ask', labels: { category: 'Read', risk: 'Low', annotations: { readOnlyHint: true } } },
  { name: 'buy', labels: { category: 'Financial', risk: 'High', annotations: {} } },
  { name: 'cut', labels: { category: null, risk: null, annotations: {} } },
];
const ALL = [undefined, null, true, false, 0, 1, 1.5, 2, 3, 'x', 'y', 'z', 'zz', [], [1, 2]];
const MARKS = [[], ['m'], ['n']];
const args = (values: readonly unknown[]): readonly ToolCall['args'][] =>
  values.flatMap((n) => values.map((s) => Object.fromEntries(Object.entries({ n, s }).filter(([, value]) => value !== undefined)) as ToolCall['args']));
/** Every call that conditions can tell apart, at each server under each mark. */
const CALLS: readonly ToolCall[] = TOOLS.flatMap(({ name, labels }) => [
  ...['billing', 'mail'].flatMap((slug) => MARKS.flatMap((marks) => args(ALL).map((given) => aToolCall({ tool: name, labels, marks, server: { slug }, args: given })))),
]);

/** What becomes of answers under all rules together. */
function answers(responses: readonly PlacedResponse[]): unknown {
  const redactions = responses.flatMap(({ rule }) => rule.redact.map((each) => JSON.stringify(each)));
  return [Math.min(...responses.map(({ rule }) => rule.maxBytes ?? 1e9)), [...new Set(redactions)].sort()];
}

/** What two verdicts share that are the same decision; ids and messages may differ. */
function decision(verdict: Verdict): string {
  if (verdict.effect === 'deny') return JSON.stringify([...new Set(verdict.approvals?.map(({ approvers, quorum }) => [approvers, quorum].join()).sort() ?? ['deny'])]);
  const asks = verdict.asks.map(({ ruleId: _, message: __, approval: ___, units, max, ...ask }) => JSON.stringify([ask, formatDecimal(units), formatDecimal(max)]));
  const marks = new Map<string, number>();
  for (const { mark, seconds } of verdict.marks) marks.set(mark, Math.max(seconds, marks.get(mark) ?? 0));
  return JSON.stringify([asks.sort(), verdict.record, [...marks].sort(), answers(verdict.responses)]);
}

/** What is refused after the rules, once people agreed: an approval that is missing, and an amount that cannot be counted. */
const AFTER_RULES: ReadonlySet<string> = new Set(['approval_required', 'limit_amount_invalid']);
/** Such an amount denies what the rules let pass; a diff compares rules and amounts apart. */
const cannotCount = (verdict: Verdict): boolean => verdict.effect === 'deny' && verdict.reasonCode === 'limit_amount_invalid';
const openness = (verdict: Verdict): number => (verdict.effect === 'allow' ? 2 : AFTER_RULES.has(verdict.reasonCode) ? 1 : 0);
const decisions = (document: WideDocument): readonly Verdict[] => {
  const policy = compilePolicy(aPolicyDocument(document));
  return CALLS.map((call) => decide(policy, call));
};
const unapproved = ({ approval: _, ...rule }: WrittenRule): WrittenRule => rule;
/** What is decided once all approvals are given, which is when limits are asked. */
const withoutApprovals = ({ all_tools: allTools, select = [], tools, flows, ...others }: WideDocument): WideDocument => ({
  ...others,
  ...(allTools === undefined ? {} : { all_tools: unapproved(allTools) }),
  select: select.map((each) => ({ ...unapproved(each), match: each.match, ...(each.allow === undefined ? {} : { allow: each.allow }) })),
  tools: Object.fromEntries(Object.entries(tools).map(([name, rule]) => [name, unapproved(rule)])),
  flows: flows.map(({ unless, ...flow }) => (unless === undefined ? flow : { ...flow, deny: { name: ['nobody'] } })),
});
const entriesOf = (before: WideDocument, after: WideDocument): readonly DiffEntry[] => diffPolicies(aPolicyDocument(before), aPolicyDocument(after), TOOLS).entries;

const inOtherWords = (document: WideDocument): fc.Arbitrary<readonly [WideDocument, WideDocument]> =>
  fc.tuple(equivalents(document), equivalentFlows(document.flows)).map(([other, flows]) => [document, { ...other, flows }]);
const pairs: fc.Arbitrary<readonly [WideDocument, WideDocument]> = fc.oneof(
  fc.tuple(wideDocument, wideDocument),
  fc.tuple(wideDocument, wideDocument).map(([document, { flows }]) => [document, { ...document, flows }] as const),
  fc.tuple(wideDocument, wideDocument).map(([document, { all_tools: allTools = {} }]) => [document, { ...document, all_tools: allTools }] as const),
  wideDocument.chain(inOtherWords),
);

describe('a diff of flows', () => {
  const said = (before: readonly object[], after: readonly object[], others: object = { default: 'allow' }, tools?: readonly DeclaredTool[]): readonly string[] =>
    diffPolicies(aPolicyDocument({ ...others, flows: before }), aPolicyDocument({ ...others, flows: after }), tools).entries.map(({ kind, pointer }) => `${kind} ${pointer}`);
  const flow = (after: object, deny: object, about: object = {}): object => ({ after: { ...after, marks: 'm' }, deny, ...about });
  const whole = [flow({ category: ['Read', 'Write'] }, { server: ['pay', 'mail'] })];

  it.each<[string, readonly object[]]>([
    ['split', [flow({ category: ['Read'] }, { server: ['pay'] }), flow({ category: ['Write'] }, { server: ['mail'] })]],
    ['repeated and in another order', [flow({ category: ['Write', 'Read'] }, { server: ['mail', 'pay', 'pay'] }), ...whole]],
    ['written with their default', [flow({ category: ['Read', 'Write'] }, { server: ['pay', 'mail'] }, { within: '60m' })]],
    ['with another within them', [...whole, flow({ category: ['Read'], name: ['r*'] }, { server: ['pay'], risk: ['High'] }, { within: 60, unless: 'approval' })]],
  ])('is empty where they are %s', (_, after) => {
    expect([said(whole, after), said(after, whole)]).toEqual([[], []]);
  });

  it.each<[string, readonly object[], readonly string[]]>([
    ['lasts longer', [flow({ category: ['Read', 'Write'] }, { server: ['pay', 'mail'] }, { within: '2h' })], ['changed /flows/0']],
    ['is renewed', [flow({ category: ['Read', 'Write'] }, { server: ['pay', 'mail'] }, { within: 'session' })], ['changed /flows/0']],
    ['may be lifted', [flow({ category: ['Read', 'Write'] }, { server: ['pay', 'mail'] }, { unless: 'approval' })], ['changed /flows/0']],
    ['lacks a server', [flow({ category: ['Read', 'Write'] }, { server: ['pay'] })], ['changed /flows/0']],
    ['is about hints too', [flow({ category: ['Read', 'Write'], annotations: { openWorldHint: true } }, { server: ['pay', 'mail'] })], ['changed /flows/0']],
    ['has another mark', [{ after: { category: ['Read', 'Write'], marks: 'n' }, deny: { server: ['pay', 'mail'] } }], ['tightened /flows/0', 'loosened /flows/0']],
    ['stands beside a wider one', [...whole, flow({ name: ['*'] }, { server: ['pay'] })], ['tightened /flows/1']],
  ])('tells of one that %s', (_, after, entries) => {
    expect(said(whole, after)).toEqual(entries);
  });
});

describe('a diff of flows about tools that no call passes to', () => {
  const said = (others: object, deny: object, tools?: readonly DeclaredTool[]): readonly string[] => {
    const pay = { after: { name: ['ask'], marks: 'm' }, deny: { name: ['buy'] } };
    const more = { after: { category: ['Read'], marks: 'm' }, deny };
    const documents = [[pay], [pay, more]].map((flows) => aPolicyDocument({ ...others, flows }));
    return diffPolicies(documents[0] ?? aPolicyDocument({}), documents[1] ?? aPolicyDocument({}), tools).entries.map(({ kind, pointer }) => `${kind} ${pointer}`);
  };
  const named = { tools: { ask: {}, buy: {} } };
  const always = { deny_if: [{ conditions: [] }] };

  it.each<[string, object, object]>([
    ['that is not allowed', named, { name: ['cut'] }],
    ['that is hidden', { default: 'allow', hide: ['cu*'] }, { name: ['cut', 'cu*'] }],
    ['whose every call is denied', { tools: { ...named.tools, cut: always } }, { name: ['cut', 'c*'] }],
    ['of classes that are not allowed', { ...named, select: [{ match: { category: ['Read'] }, allow: true }], hide: ['ask', 'buy'] }, { category: ['Execute'] }],
  ])('is empty for one %s', (_, others, deny) => {
    const ended = { ...others, flows: [] };
    expect(diffPolicies(aPolicyDocument(ended), aPolicyDocument({ ...ended, flows: [{ after: { ...deny, marks: 'm' }, deny }] })).entries).toEqual([]);
  });

  it.each<[string, object, object]>([
    ['that is allowed', named, { name: ['buy', 'cut'] }],
    ['of a glob that is not all hidden', { default: 'allow', hide: ['cu*'] }, { name: ['c*'] }],
    ['some of whose calls pass', { tools: { ...named.tools, cut: { deny_if: [{ conditions: [{ path: 'args.n', op: 'eq', value: 1 }] }] } } }, { name: ['cut'] }],
    ['that needs approval', { tools: { ...named.tools, cut: { approval: {} } } }, { name: ['cut'] }],
    ['whose labels nobody looked at', named, { category: ['Execute'] }],
  ])('tells of one %s', (_, others, deny) => {
    expect(said(others, deny)).not.toEqual([]);
  });

  it('knows the labels of declared tools, and that there are no others', () => {
    const open = { default: 'allow' };
    expect([said(open, { category: ['Execute'] }, TOOLS), said(open, { category: ['Execute'] })]).toEqual([[], ['tightened /flows/1']]);
    expect([said(open, { category: ['Read'] }, TOOLS), said({ ...open, hide: ['ask'] }, { category: ['Read'] }, TOOLS)]).toEqual([['tightened /flows/1'], []]);
    expect(said(open, { category: ['Financial'] }, TOOLS)).toEqual([]);
  });
});

describe('a diff of documents with flows, limits of every kind and rules about answers, beside what is decided', { timeout: 180_000 }, () => {
  it('is never empty where some call is decided otherwise [policy/diff]', () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const [was, is] = [decisions(before), decisions(after)];
        if (was.every((each, index) => decision(each) === decision(is[index] ?? each))) return;
        expect(entriesOf(before, after)).not.toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('says nothing but of lists, and of approvals that flows ask for, where every call is decided alike [policy/diff]', () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const [was, is] = [decisions(before), decisions(after)];
        const [wasApproved, isApproved] = [decisions(withoutApprovals(before)), decisions(withoutApprovals(after))];
        const alike = (left: readonly Verdict[], right: readonly Verdict[]): boolean => left.every((each, index) => decision(each) === decision(right[index] ?? each));
        if (!alike(was, is) || !alike(wasApproved, isApproved) || [...wasApproved, ...isApproved].some(cannotCount)) return;
        const isLifted = [...before.flows, ...after.flows].some(({ unless }) => unless !== undefined);
        const entries = entriesOf(before, after).filter(({ pointer, sentence }) => !(isLifted && pointer.startsWith('/flows')) && pointer !== '/default' && !sentence.includes('listed'));
        expect(entries).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('is empty for the same in other words, flows too [policy/diff]', () => {
    fc.assert(
      fc.property(wideDocument.chain(inOtherWords), ([document, other]) => {
        expect(entriesOf(document, other)).toEqual([]);
        expect(diffPolicies(aPolicyDocument(document), aPolicyDocument(other)).entries).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('claims to tighten only where nothing more is allowed, and to loosen only where nothing more is denied [policy/diff]', () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const kinds = new Set(entriesOf(before, after).map(({ kind }) => kind));
        const is = decisions(after);
        const moves = decisions(before).map((was, index) => openness(is[index] ?? was) - openness(was));
        if ([...kinds].every((kind) => kind === 'tightened' || kind === 'lost')) expect(Math.max(...moves)).toBeLessThanOrEqual(0);
        if ([...kinds].every((kind) => kind === 'loosened' || kind === 'gained')) expect(Math.min(...moves)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 200 },
    );
  });
});
