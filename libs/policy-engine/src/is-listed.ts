import type { CompiledPolicy } from './compiled-policy.js';
import { planFor } from './decide.js';
import type { DefaultEffect } from './document.js';

/** Whether `tools/list` shows a tool: some call to it could pass steps 5 and 6. A tool that is denied but not hidden stays visible. */
export function isListed(policy: CompiledPolicy, tool: string): boolean {
  return planFor(policy, tool) !== undefined;
}

/** What prompts, resources, completion and tasks follow, having no section of their own. */
export function followsDefault(policy: CompiledPolicy): DefaultEffect {
  return policy.default;
}
