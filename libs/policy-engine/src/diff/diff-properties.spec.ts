import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compilePolicy } from '../compile-policy.js';
import { decide } from '../decide.js';
import type { DeclaredTool } from '../declared-tool.js';
import { diffPolicies } from '../diff-policies.js';
import { aPolicyDocument } from '../testing/a-policy.js';
import { aToolCall } from '../testing/a-tool-call.js';
import type { ToolCall, Verdict } from '../verdict.js';
import { equivalents } from '../testing/arbitrary-equivalents.js';
import { smallDocument, type SmallDocument, type WrittenRule } from '../testing/small-policies.js';

const TOOLS: readonly DeclaredTool[] = [
  { name: 'ask', labels: { category: 'Read', risk: 'Low', annotations: { readOnlyHint: true } } },
  { name: 'buy', labels: { category: 'Financial', risk: 'High', annotations: {} } },
  { name: 'cut', labels: { category: null, risk: null, annotations: {} } },
];
const VALUES = [undefined, null, true, false, 0, 1, 1.5, 2, 3, 'x', 'y', 'z', 'zz', [], [1, 2]];
/** Every call that the conditions of `smallDocument` can tell apart. */
const CALLS: readonly ToolCall[] = TOOLS.flatMap(({ name, labels }) =>
  VALUES.flatMap((n) => VALUES.map((s) => aToolCall({ tool: name, labels, args: Object.fromEntries(Object.entries({ n, s }).filter(([, value]) => value !== undefined)) as ToolCall['args'] }))),
);

/** What two verdicts must share to be the same decision; ids and messages may differ. */
function decision(verdict: Verdict): string {
  if (verdict.effect === 'deny') return JSON.stringify([...new Set(verdict.approvals?.map(({ approvers, quorum }) => [approvers, quorum].join()).sort() ?? ['deny'])]);
  const asks = verdict.asks.map(({ counter, windowStartMs, windowEndMs, max, scope }) => JSON.stringify([counter, windowStartMs, windowEndMs, String(max.coefficient), scope]));
  return JSON.stringify([asks.sort(), verdict.record]);
}

const ORDER = { deny: 0, approval: 1, allow: 2 } as const;
function openness(verdict: Verdict): number {
  return verdict.effect === 'allow' ? ORDER.allow : verdict.reasonCode === 'approval_required' ? ORDER.approval : ORDER.deny;
}

function decisions(document: SmallDocument): readonly Verdict[] {
  const policy = compilePolicy(aPolicyDocument(document));
  return CALLS.map((call) => decide(policy, call));
}

/** What is decided of each call, and once its approvals are given, which is when its limits are asked. */
function allDecisions(document: SmallDocument): readonly string[] {
  const approved = decisions(withoutApprovals(document));
  return decisions(document).map((verdict, index) => decision(verdict) + decision(approved[index] ?? verdict));
}

function withoutApprovals({ all_tools: allTools, select = [], tools, ...others }: SmallDocument): SmallDocument {
  return {
    ...others,
    ...(allTools === undefined ? {} : { all_tools: unapproved(allTools) }),
    select: select.map((each) => ({ ...unapproved(each), match: each.match, ...(each.allow === undefined ? {} : { allow: each.allow }) })),
    tools: Object.fromEntries(Object.entries(tools).map(([name, rule]) => [name, unapproved(rule)])),
  };
}

function unapproved({ approval: _, ...rule }: WrittenRule): WrittenRule {
  return rule;
}

const diffOf = (before: SmallDocument, after: SmallDocument) => diffPolicies(aPolicyDocument(before), aPolicyDocument(after), TOOLS).entries.filter(({ tool, pointer }) => tool !== '*' || pointer !== '/default');

/** A document and another: some other, the same with one part from another, or the same in other words. */
const pairs = fc.oneof(
  fc.tuple(smallDocument, smallDocument),
  fc.tuple(smallDocument, smallDocument).map(([document, { tools }]) => [document, { ...document, tools: { ...document.tools, ...tools } }] as const),
  fc.tuple(smallDocument, smallDocument).map(([document, { all_tools: allTools = {} }]) => [document, { ...document, all_tools: allTools }] as const),
  fc.tuple(smallDocument, smallDocument).map(([document, { select = [] }]) => [document, { ...document, select }] as const),
  smallDocument.chain((document) => equivalents(document).map((other) => [document, other] as const)),
);

describe('a diff, beside what is decided of every call', { timeout: 60_000 }, () => {
  it('is empty exactly when every call is decided alike', () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const [was, is] = [allDecisions(before), allDecisions(after)];
        const alike = was.every((each, index) => each === is[index]);
        const entries = diffOf(before, after).filter(({ sentence }) => !sentence.includes('listed'));
        expect({ alike, entries }).toEqual({ alike, entries: alike ? [] : expect.arrayContaining([expect.anything()]) });
      }),
      { numRuns: 120 },
    );
  });

  it('claims to tighten only where nothing more is allowed, and to loosen only where nothing more is denied', () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const kinds = new Set(diffOf(before, after).map(({ kind }) => kind));
        const [was, is] = [decisions(before), decisions(after)];
        const moves = was.map((each, index) => openness(is[index] ?? each) - openness(each));
        if ([...kinds].every((kind) => kind === 'tightened' || kind === 'lost')) expect(Math.max(...moves)).toBeLessThanOrEqual(0);
        if ([...kinds].every((kind) => kind === 'loosened' || kind === 'gained')) expect(Math.min(...moves)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 120 },
    );
  });

  it('never says that it cannot decide what it looks into', () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        expect(diffOf(before, after).filter(({ kind }) => kind === 'undecidable')).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  it('is empty for the same in other words, without a tool list too', () => {
    fc.assert(
      fc.property(smallDocument.chain((document) => fc.tuple(fc.constant(document), equivalents(document))), ([document, other]) => {
        expect(diffPolicies(aPolicyDocument(document), aPolicyDocument(other)).entries).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  it('is empty exactly when every call is decided alike, of whatever name that a glob matches', () => {
    fc.assert(
      fc.property(globbed, globbed, (before, after) => {
        const [was, is] = [before, after].map((document) => callsByName.map((call) => decision(decide(compilePolicy(aPolicyDocument(document)), call))));
        const alike = was?.every((each, index) => each === is?.[index]);
        const entries = diffPolicies(aPolicyDocument(before), aPolicyDocument(after)).entries.filter(({ sentence }) => !sentence.includes('listed'));
        expect({ alike, entries }).toEqual({ alike, entries: alike ? [] : expect.arrayContaining([expect.anything()]) });
      }),
      { numRuns: 300 },
    );
  });
});

const globs = fc.array(fc.constantFrom('a*', 'ab*', '*b', 'a*b', '*', 'ab'), { minLength: 1, maxLength: 3 });
/** A document whose classes of tools are by names and globs only. */
const globbed = fc.record(
  {
    default: fc.constantFrom('allow' as const, 'deny' as const),
    hide: globs,
    select: fc.array(fc.record({ match: fc.record({ name: globs }), allow: fc.boolean(), deny_if: fc.constantFrom([], [{ conditions: [] }], [{ conditions: [{ path: 'args.n', op: 'eq', value: 1 }] }]) }), { maxLength: 2 }),
  },
  { requiredKeys: ['default'] },
);
/** One name at least of every class that these globs tell apart. */
const callsByName: readonly ToolCall[] = ['c', 'a', 'ab', 'ac', 'b', 'cb', 'acb', 'abc', 'abcb'].flatMap((tool) => [{}, { n: 1 }].map((given) => aToolCall({ tool, args: given })));
