import { toolsByName, type DeclaredTool } from './declared-tool.js';
import { diffFlows } from './diff/diff-flows.js';
import { policyChanges } from './diff/policy-changes.js';
import type { PolicyDocument } from './document.js';
import type { DiffEntry, PolicyDiff } from './policy-diff.js';

/**
 * What changes between two documents, as sentences: tools gained and lost, rules tightened and loosened.
 *
 * Compares what is decided, not what is written: decisions are worked out as functions of what a call may hold, and no
 * difference is reported where these functions, the limits and what is done with answers are the same. What a pattern, a
 * host list, a schema or a CEL expression comes to is not looked into; where a difference hangs on that, it is reported as
 * `undecidable`. An approval that a flow asks for is not compared with those that rules ask for. A description decides nothing and is not
 * compared.
 *
 * @param tools The server's current tool list with its labels: then tools that it does not have, and neither document
 *              names, are left aside. Without it, tools nobody names are compared too, by whatever name and labels.
 */
export function diffPolicies(before: PolicyDocument, after: PolicyDocument, tools?: readonly DeclaredTool[]): PolicyDiff {
  const declared = tools === undefined ? undefined : toolsByName(tools);
  return { entries: [...diffMode(before, after), ...policyChanges({ before, after }, declared), ...diffFlows({ before, after }, declared)] };
}

function diffMode(before: PolicyDocument, after: PolicyDocument): readonly DiffEntry[] {
  if (before.mode === after.mode) return [];
  const sentence = after.mode === 'shadow' ? 'The policy now decides and records without blocking.' : 'The policy now blocks what it denies.';
  return [{ kind: 'changed', tool: '*', pointer: '/mode', side: 'after', ruleId: null, sentence }];
}
