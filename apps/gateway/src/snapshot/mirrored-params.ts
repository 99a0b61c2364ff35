import type { ListedTool } from '@sallyport/domain-events';
import { isJsonObject } from '@sallyport/kernel';
import { headerParams, readJson, type HeaderParam } from '@sallyport/mcp-protocol';

/** The declaration's name in a tool's schema, or an escape that may stand for a part of it; any other text declares nothing. */
const MAY_DECLARE = /x-mcp-header|\\u/;

/** Of tools that want arguments mirrored in `Mcp-Param-*` headers, by name, which; other tools have no entry. */
export function mirroredParams(tools: Iterable<ListedTool>): ReadonlyMap<string, readonly HeaderParam[]> {
  const byTool = new Map<string, readonly HeaderParam[]>();
  for (const { name, definition } of tools) {
    const declared = MAY_DECLARE.test(definition) ? declaredIn(definition) : [];
    if (declared.length > 0) byTool.set(name, declared);
  }
  return byTool;
}

function declaredIn(definition: string): readonly HeaderParam[] {
  const read = readJson(Buffer.from(definition));
  return read.ok && isJsonObject(read.value) ? headerParams(read.value) : [];
}
