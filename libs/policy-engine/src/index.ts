export type { CompiledPolicy } from './compiled-policy.js';
export { compilePolicy } from './compile-policy.js';
export { decide } from './decide.js';
export { diffPolicies } from './diff-policies.js';
export type {
  AllOf,
  AnyOf,
  ApprovalRule,
  CelCondition,
  Comparison,
  Condition,
  DefaultEffect,
  Detector,
  Flow,
  FlowMatch,
  FlowSpan,
  Limit,
  LimitScope,
  LimitWindow,
  Negation,
  Op,
  Path,
  PolicyDocument,
  PolicyMode,
  RecordLevel,
  RedactAction,
  Redaction,
  ResponseRule,
  Rule,
  RuleAction,
  RuleElement,
  Selection,
  ToolCategory,
  ToolMatch,
  ToolRisk,
} from './document.js';
export { TOOL_CATEGORIES, TOOL_RISKS } from './document.js';
export type { SeenCondition } from './conditions/see-condition.js';
export type { ExplainedStep, Explanation } from './explain.js';
export { explain } from './explain.js';
export type { FindingCode, PolicyFinding } from './finding.js';
export { answerRuleOf, followsDefault, isListed, marksAskedFor, recordLevelOf } from './is-listed.js';
export type { DeclaredTool } from './declared-tool.js';
export { lintPolicy } from './lint-policy.js';
export { limitRefusal } from './limits/limit-refusal.js';
export { readJson } from './parse/read-json.js';
export { parsePolicy } from './parse/parse-policy.js';
export type { DiffEntry, DiffKind, PolicyDiff } from './policy-diff.js';
export { DIFF_KINDS } from './policy-diff.js';
export type { EditOperation, PolicyEdit } from './policy-edit.js';
export { applyPolicyEdit } from './policy-edit.js';
export { printPolicy } from './print-policy.js';
export type { ApprovalTerms, DenyReason, FlowMark, LimitAlgorithm, LimitAsk, PlacedResponse, ToolCall, ToolLabels, Verdict } from './verdict.js';
export type { ShadowComparison, ShadowRelation, VerdictMark } from './shadow/compare-verdicts.js';
export { SHADOW_RELATIONS, compareVerdicts } from './shadow/compare-verdicts.js';
export type { CallOutcome, RecordedCall, RecordedEnd } from './simulate/recorded-call.js';
export { CALL_OUTCOMES } from './simulate/recorded-call.js';
export type { SimulationOptions } from './simulate/simulation.js';
export { Simulation, simulate } from './simulate/simulation.js';
export type { ChangedCall, OutcomeCount, RuleCount, SimulatedOutcome, SimulationProgress, SimulationReport, UnknownCall } from './simulate/simulation-report.js';
export { exportCorePolicy } from './export/export-core.js';
export type { ImportedPolicy } from './import/import-policy.js';
export { importPolicy } from './import/import-policy.js';
export type { PlacedFinding } from './import/read-yaml.js';
export type { CallEnding, EarlierCalls, PolicyTest, PolicyTestOutcome, SeenVerdict, WantedVerdict } from './policy-tests/policy-test.js';
export { parsePolicyTests } from './policy-tests/parse-policy-tests.js';
export { runPolicyTests } from './policy-tests/run-policy-tests.js';
export { HeldMessage } from './response/held-message.js';
export type { RemovedValue } from './response/redact-message.js';
export type { KeyedHash } from './response/redact-text.js';
export type { FilterContext, FilteredMessage, ResponseFilter } from './response/response-filter.js';
export { MAX_HELD_BYTES, filterMessage, responseFilter } from './response/response-filter.js';
