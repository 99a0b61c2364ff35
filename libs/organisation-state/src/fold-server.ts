import type { ServerEvent } from '@sallyport/domain-events';

import type { ServerState, ToolLabelling } from './organisation-state.js';

/** A server after one more of its facts; `undefined` for a fact about a server that was never registered. */
export function foldServer(server: ServerState | undefined, fact: ServerEvent): ServerState | undefined {
  if (fact.type === 'server.registered') {
    const { serverId, slug, upstream, timeoutMs } = fact.data;
    return { serverId, slug, upstream, timeoutMs, disabled: false, approved: null, quarantined: [], labels: [] };
  }
  return server === undefined ? undefined : evolve(server, fact);
}

function evolve(server: ServerState, fact: Exclude<ServerEvent, { readonly type: 'server.registered' }>): ServerState {
  switch (fact.type) {
    case 'server.updated':
      return { ...server, upstream: fact.data.upstream, timeoutMs: fact.data.timeoutMs };
    case 'server.disabled':
      return { ...server, disabled: true };
    case 'server.enabled':
      return { ...server, disabled: false };
    case 'server.tools_approved': {
      const { eras, protocolVersions, tools } = fact.data;
      return { ...server, approved: { eras, protocolVersions, tools }, quarantined: [] };
    }
    case 'server.tools_changed':
      return { ...server, quarantined: [...new Set([...server.quarantined, ...fact.data.tools.map(({ name }) => name)])].sort() };
    case 'server.tool_labelled': {
      const { tool, category, risk } = fact.data;
      return { ...server, labels: labelled(server.labels, { tool, category, risk }) };
    }
  }
}

function labelled(labels: readonly ToolLabelling[], labelling: ToolLabelling): readonly ToolLabelling[] {
  const others = labels.filter(({ tool }) => tool !== labelling.tool);
  if (labelling.category === null && labelling.risk === null) return others;
  return [...others, labelling].sort((one, other) => (one.tool < other.tool ? -1 : 1));
}
