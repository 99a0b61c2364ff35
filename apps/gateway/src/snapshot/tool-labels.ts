import { isJsonObject } from '@sallyport/kernel';
import { readJson } from '@sallyport/mcp-protocol';
import type { ToolLabelling } from '@sallyport/organisation-state';
import type { ToolLabels } from '@sallyport/policy-engine';

import type { ServerState } from './organisation-snapshot.js';

const NO_LABELLINGS: readonly ToolLabelling[] = [];

/**
 * What is known of one server's tools besides their names: what an administrator says of them, and the hints of their approved
 * definitions. Read at a tool's first use; the same object for all calls, with which policies keep what they select for it.
 */
export class ServerToolLabels {
  private readonly read = new Map<string, ToolLabels>();

  /** @param labellings Of this very state of the server. */
  constructor(
    private readonly server: ServerState,
    private readonly labellings: readonly ToolLabelling[] = NO_LABELLINGS,
  ) {}

  /** `undefined` for a tool that has no approved definition. */
  of(tool: string): ToolLabels | undefined {
    return this.read.get(tool) ?? this.readOne(tool);
  }

  private readOne(tool: string): ToolLabels | undefined {
    const listed = this.server.approved?.byName.get(tool);
    if (listed === undefined) return undefined;
    const said = this.labellings.find((labelling) => labelling.tool === tool);
    const labels = { category: said?.category ?? null, risk: said?.risk ?? null, annotations: annotationsOf(listed.definition) };
    this.read.set(tool, labels);
    return labels;
  }
}

function annotationsOf(definition: string): ToolLabels['annotations'] {
  const read = readJson(Buffer.from(definition));
  const annotations = read.ok && isJsonObject(read.value) ? read.value['annotations'] : undefined;
  if (!isJsonObject(annotations)) return {};
  const hints: [string, boolean | string][] = [];
  for (const [name, value] of Object.entries(annotations)) if (typeof value === 'boolean' || typeof value === 'string') hints.push([name, value]);
  return Object.fromEntries(hints);
}
