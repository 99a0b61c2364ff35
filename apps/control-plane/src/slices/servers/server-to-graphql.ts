import { isJsonObject } from '@sallyport/kernel';

import type { PageArgs, ReadPoint } from '../past/read-point.js';
import { ServerListingRow } from './read/server-listing-row.entity.js';
import type { ServerRow } from './read/server-row.entity.js';

/** A server's row as GraphQL's `Server`. What it lists is read once, when it is asked for. */
export function serverToGraphql(row: ServerRow, point: ReadPoint) {
  const { serverId, slug, status, transport, url, headerNames, timeoutMs, createdAt, revision } = row;
  let reading: Promise<ServerListingRow | null> | undefined;
  const listing = () => (reading ??= readListing(row, point));
  return {
    id: serverId,
    slug,
    status,
    transport,
    url,
    headers: headerNames.map((name) => ({ name })),
    timeout: timeoutMs,
    createdAt,
    revision,
    eras: async () => (await listing())?.eras ?? [],
    protocolVersions: async () => (await listing())?.protocolVersions ?? [],
    serverInfo: async () => parsed((await listing())?.serverInfo),
    tools: async () => toolsToGraphql(await listing(), row),
    rejectedTools: async () => (await listing())?.rejected ?? [],
    toolsApprovedAt: async () => (await listing())?.approvedAt ?? null,
    history: (page: PageArgs) => point.history({ kind: 'server', id: serverId }, page),
  };
}

async function readListing({ organisationId, serverId }: ServerRow, point: ReadPoint): Promise<ServerListingRow | null> {
  if (point.past !== null) return point.past.listings.get(serverId) ?? null;
  return point.read((manager) => manager.findOneBy(ServerListingRow, { organisationId, serverId }));
}

/** Approved tools and those that appeared since, ordered by name. */
function toolsToGraphql(listing: ServerListingRow | null, { toolLabels }: ServerRow) {
  if (listing === null) return [];
  const changed = new Map(listing.changed);
  const approved = new Map(listing.tools.map((tool) => [tool.name, tool]));
  const labels = new Map(toolLabels.map((labelling) => [labelling.tool, labelling]));
  const names = [...new Set([...approved.keys(), ...changed.keys()])].sort();
  return names.map((name) => {
    const tool = approved.get(name);
    const seen = changed.get(name);
    const definition = parsed(tool?.definition);
    return {
      name,
      title: textOf(definition, 'title'),
      description: textOf(definition, 'description'),
      status: seen === undefined ? 'approved' : 'changed',
      hash: tool?.hash ?? null,
      changedHash: seen === undefined || seen === '' ? null : seen,
      definition,
      category: labels.get(name)?.category ?? null,
      risk: labels.get(name)?.risk ?? null,
    };
  });
}

/** JSON text that was checked when it came in. */
function parsed(text: string | undefined): unknown {
  return text === undefined ? null : JSON.parse(text);
}

function textOf(definition: unknown, key: string): string | null {
  const value = isJsonObject(definition) ? definition[key] : undefined;
  return typeof value === 'string' ? value : null;
}
