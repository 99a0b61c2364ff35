import { isJsonObject, type OrganisationId } from '@sallyport/kernel';
import { readJson } from '@sallyport/mcp-protocol';
import type { DeclaredTool } from '@sallyport/policy-engine';
import type { EntityManager } from 'typeorm';

import { ServerListingRow } from '../servers/read/server-listing-row.entity.js';
import type { ServerRow } from '../servers/read/server-row.entity.js';
import { findServer } from '../servers/read/server-queries.js';

/** A server with its approved tools, as far as a policy is concerned. */
export interface DeclaringServer {
  readonly server: ServerRow;
  readonly tools: readonly DeclaredTool[];
}

/** A server by id or slug with what it declares; null when there is none. */
export async function findDeclaringServer(manager: EntityManager, organisationId: OrganisationId, named: string): Promise<DeclaringServer | null> {
  const server = await findServer(manager, organisationId, named);
  if (server === null) return null;
  const listing = await manager.findOneBy(ServerListingRow, { organisationId, serverId: server.serverId });
  return { server, tools: (listing?.tools ?? []).map(({ name, definition }) => declaredTool(name, definition)) };
}

function declaredTool(name: string, definition: string): DeclaredTool {
  const read = readJson(Buffer.from(definition, 'utf8'));
  const inputSchema = read.ok && isJsonObject(read.value) ? read.value['inputSchema'] : undefined;
  return isJsonObject(inputSchema) ? { name, inputSchema } : { name };
}
