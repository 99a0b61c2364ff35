import type { CompiledPolicy } from './compiled-policy.js';
import { planFor } from './decide.js';
import type { DefaultEffect, RecordLevel } from './document.js';
import { DEFAULT_RECORD } from './plan-section.js';
import { NO_LABELS } from './tool-match.js';
import type { ToolLabels } from './verdict.js';

const NO_MARKS: readonly string[] = [];

/** Whether `tools/list` shows a tool: some call to it could pass steps 5 and 6. A tool that is denied but not hidden stays visible. */
export function isListed(policy: CompiledPolicy, tool: string, labels?: ToolLabels): boolean {
  return planFor(policy, tool, labels) !== undefined;
}

/** What is kept of the arguments of a tool's calls, allowed or denied. A tool that no rule allows has the default, a digest. */
export function recordLevelOf(policy: CompiledPolicy, tool: string, labels?: ToolLabels): RecordLevel {
  return planFor(policy, tool, labels)?.record ?? DEFAULT_RECORD;
}

/** The marks of flows that a decision about this tool depends on, each once: `ToolCall.marks` is to tell which of them the caller's identity bears. */
export function marksAskedFor(policy: CompiledPolicy, tool: string, labels?: ToolLabels): readonly string[] {
  return policy.planFor === undefined ? NO_MARKS : (policy.planFor(tool, labels ?? NO_LABELS)?.asksFor ?? NO_MARKS);
}

/** What prompts, resources, completion and tasks follow, having no section of their own. */
export function followsDefault(policy: CompiledPolicy): DefaultEffect {
  return policy.default;
}

/** The id of the policy's first rule about answers; undefined where it has none. What brings an answer without its tool's name cannot be held to such rules. */
export function answerRuleOf(policy: CompiledPolicy): string | undefined {
  return policy.answerRule;
}
