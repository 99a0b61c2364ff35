import type { DomainEvent, Upstream } from '@sallyport/domain-events';
import type { ToolLabelling } from '@sallyport/organisation-state';

import type { ServerListingRow } from './server-listing-row.entity.js';
import type { ServerRow } from './server-row.entity.js';

/** The server's row after one more event of it; `undefined` before it was registered. */
export function evolveServerRow(row: ServerRow | undefined, event: DomainEvent): ServerRow | undefined {
  const { fact, organisationId, revision } = event;
  if (fact.type === 'server.registered') {
    const { serverId, slug, timeoutMs, upstream } = fact.data;
    return { organisationId, serverId, slug, status: 'active', ...columnsOf(upstream), timeoutMs, toolLabels: [], createdAt: new Date(event.occurredAt), revision };
  }
  if (row === undefined) return undefined;
  switch (fact.type) {
    case 'server.updated':
      return { ...row, ...columnsOf(fact.data.upstream), timeoutMs: fact.data.timeoutMs, revision };
    case 'server.disabled':
      return { ...row, status: 'disabled', revision };
    case 'server.enabled':
      return { ...row, status: 'active', revision };
    case 'server.tools_approved':
    case 'server.tools_changed':
      return { ...row, revision };
    case 'server.tool_labelled': {
      const { tool, category, risk } = fact.data;
      return { ...row, toolLabels: labelled(row.toolLabels, { tool, category, risk }), revision };
    }
    default:
      return row;
  }
}

function labelled(before: readonly ToolLabelling[], labelling: ToolLabelling): readonly ToolLabelling[] {
  const others = before.filter(({ tool }) => tool !== labelling.tool);
  if (labelling.category === null && labelling.risk === null) return others;
  return [...others, labelling].sort((one, other) => (one.tool < other.tool ? -1 : 1));
}

/** The row of the server's tools after one more event of it; `undefined` before they were listed. */
export function evolveListingRow(row: ServerListingRow | undefined, event: DomainEvent): ServerListingRow | undefined {
  const { fact, organisationId } = event;
  if (fact.type === 'server.tools_approved') {
    const tools = fact.data.tools.map(({ name, definition, hash }) => ({ name, definition, hash }));
    const rejected = fact.data.rejected.map(({ name, reason }) => ({ name, reason }));
    return { organisationId, ...fact.data, tools, rejected, changed: [], approvedAt: new Date(event.occurredAt) };
  }
  if (row === undefined || fact.type !== 'server.tools_changed') return row;
  const changed = new Map([...row.changed, ...fact.data.tools.map(({ name, hash }) => [name, hash] as const)]);
  return { ...row, changed: [...changed].sort(([one], [other]) => (one < other ? -1 : 1)) };
}

function columnsOf(upstream: Upstream): Pick<ServerRow, 'transport' | 'url' | 'headerNames'> {
  if (upstream.kind === 'stdio') return { transport: 'stdio', url: null, headerNames: [] };
  return { transport: 'http', url: upstream.url, headerNames: upstream.headers.map((header) => header.name) };
}
