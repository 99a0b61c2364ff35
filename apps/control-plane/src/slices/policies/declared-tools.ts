import { isJsonObject, type JsonObject, type JsonValue, type OrganisationId } from '@sallyport/kernel';
import { readJson } from '@sallyport/mcp-protocol';
import type { DeclaredTool, ToolLabels } from '@sallyport/policy-engine';
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
  return { server, tools: (listing?.tools ?? []).map(({ name, definition }) => declaredTool(name, definition, server)) };
}

function declaredTool(name: string, definition: string, { toolLabels }: ServerRow): DeclaredTool {
  const read = readJson(Buffer.from(definition, 'utf8'));
  const declared: JsonObject = read.ok && isJsonObject(read.value) ? read.value : {};
  const { category = null, risk = null } = toolLabels.find(({ tool }) => tool === name) ?? {};
  const labels = { category, risk, annotations: hintsOf(declared['annotations']) };
  const inputSchema = declared['inputSchema'];
  return isJsonObject(inputSchema) ? { name, inputSchema, labels } : { name, labels };
}

/** A tool's labels as policies ask them; undefined for one that is not listed. */
export function labelsOfTool(tool: string, server: ServerRow, listing: ServerListingRow | null): ToolLabels | undefined {
  const listed = listing?.tools.find(({ name }) => name === tool);
  return listed === undefined ? undefined : declaredTool(listed.name, listed.definition, server).labels;
}

/** The hints of a tool's definition as policies know them: texts and truth values. */
export function hintsOf(annotations: JsonValue | undefined): ToolLabels['annotations'] {
  if (!isJsonObject(annotations)) return {};
  const hints: Record<string, boolean | string> = {};
  for (const [hint, value] of Object.entries(annotations)) if (typeof value === 'boolean' || typeof value === 'string') hints[hint] = value;
  return hints;
}
