export type { CompiledPolicy } from './compiled-policy.js';
export { compilePolicy } from './compile-policy.js';
export { decide } from './decide.js';
export { diffPolicies } from './diff-policies.js';
export type {
  Comparison,
  Condition,
  DefaultEffect,
  Limit,
  LimitScope,
  LimitWindow,
  Op,
  Path,
  PolicyDocument,
  PolicyMode,
  Rule,
  RuleAction,
  RuleElement,
} from './document.js';
export type { ExplainedStep, Explanation } from './explain.js';
export { explain } from './explain.js';
export type { FindingCode, PolicyFinding } from './finding.js';
export { followsDefault, isListed } from './is-listed.js';
export type { DeclaredTool } from './lint-policy.js';
export { lintPolicy } from './lint-policy.js';
export { limitRefusal } from './limits/limit-refusal.js';
export { readJson } from './parse/read-json.js';
export { parsePolicy } from './parse/parse-policy.js';
export type { DiffEntry, DiffKind, PolicyDiff } from './policy-diff.js';
export { printPolicy } from './print-policy.js';
export type { DenyReason, LimitAsk, ToolCall, Verdict } from './verdict.js';
