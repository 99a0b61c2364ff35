import type { DomainFact } from '@sallyport/domain-events';

import type { Server } from './server.js';

/** A server nobody registered. */
export const noServer: Server = { status: 'absent' };

/** The server after one more fact of its stream; facts of other kinds leave it as it is. */
export function evolveServer(server: Server, fact: DomainFact): Server {
  if (fact.type === 'server.registered') return { status: 'active', ...fact.data, approved: null, changed: new Map(), labels: new Map() };
  if (server.status === 'absent') return server;
  switch (fact.type) {
    case 'server.updated':
      return { ...server, upstream: fact.data.upstream, timeoutMs: fact.data.timeoutMs };
    case 'server.disabled':
      return { ...server, status: 'disabled' };
    case 'server.enabled':
      return { ...server, status: 'active' };
    case 'server.tools_approved': {
      const { serverId: _, ...approved } = fact.data;
      return { ...server, approved, changed: new Map() };
    }
    case 'server.tools_changed':
      return { ...server, changed: new Map([...server.changed, ...fact.data.tools.map(({ name, hash }) => [name, hash] as const)]) };
    case 'server.tool_labelled': {
      const { tool, category, risk } = fact.data;
      const others = [...server.labels].filter(([name]) => name !== tool);
      return { ...server, labels: new Map(category === null && risk === null ? others : [...others, [tool, { category, risk }] as const]) };
    }
    default:
      return server;
  }
}
