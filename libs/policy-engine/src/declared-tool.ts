import type { JsonObject } from '@sallyport/kernel';

import type { ToolLabels } from './verdict.js';

/** A tool as its server declares it and an administrator labels it. */
export interface DeclaredTool {
  readonly name: string;
  readonly inputSchema?: JsonObject;
  /** Left out where nobody looked: then nothing is concluded from them. */
  readonly labels?: ToolLabels;
}

/** Tools by name. A name declared twice counts as first declared. */
export function toolsByName(tools: readonly DeclaredTool[]): ReadonlyMap<string, DeclaredTool> {
  const map = new Map<string, DeclaredTool>();
  for (const tool of tools) if (!map.has(tool.name)) map.set(tool.name, tool);
  return map;
}
