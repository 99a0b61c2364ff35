import { createHash } from 'node:crypto';

import type { ToolListing } from '@sallyport/control-domain';
import type { RejectedTool } from '@sallyport/domain-events';
import { branded, type JsonValue, type Sha256Hex } from '@sallyport/kernel';
import { admitTools, readJson } from '@sallyport/mcp-protocol';
import type { Inspection } from '@sallyport/upstream';

/**
 * What a server lists, sorted into tools that can be offered, each pinned by its hash, and tools that cannot, with a reason.
 * A tool whose text readers could read differently is rejected alone, not the list.
 */
export function listingFrom({ eras, protocolVersions, serverInfo, tools: texts }: Inspection): ToolListing {
  const listed: JsonValue[] = [];
  const unreadable: RejectedTool[] = [];
  for (const [at, text] of texts.entries()) {
    const read = readJson(Buffer.from(text, 'utf8'));
    if (read.ok) listed.push(read.value);
    else unreadable.push({ name: `(tool ${at + 1})`, reason: `It cannot be read: ${read.refusal.message}` });
  }
  const { tools, rejected } = admitTools(listed, sha256);
  return { eras, protocolVersions, serverInfo, tools, rejected: [...rejected, ...unreadable] };
}

function sha256(text: string): Sha256Hex {
  return branded<Sha256Hex>(createHash('sha256').update(text).digest('hex'));
}
