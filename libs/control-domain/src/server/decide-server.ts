import type {
  SealedHeader,
  ServerDisabled,
  ServerEnabled,
  ServerRegistered,
  ServerToolLabelled,
  ServerToolsApproved,
  ServerToolsChanged,
  ServerUpdated,
  Upstream,
} from '@sallyport/domain-events';
import { ok, refuse, type Result } from '@sallyport/kernel';

import { isSlug } from '../names.js';
import { MAX_HEADERS, headerNameProblem } from './check-headers.js';
import { TIMEOUT_MS, type Server, type ServerCommand, type ServerRefusal, type ToolListing } from './server.js';
import { toolChanges, type SeenTool } from './tool-changes.js';

/** The facts a decision about a server can produce. */
export type ServerFact = ServerRegistered | ServerUpdated | ServerDisabled | ServerEnabled | ServerToolsApproved | ServerToolsChanged | ServerToolLabelled;

type Decided = Result<readonly ServerFact[], ServerRefusal>;
type CommandOf<Type extends ServerCommand['type']> = Extract<ServerCommand, { readonly type: Type }>;
type KnownServer = Exclude<Server, { readonly status: 'absent' }>;
type HttpUpstream = Extract<Upstream, { readonly kind: 'http' }>;

/** What a command means for a server: the new facts, none where it is so already, or why it is refused. */
export function decideServer(command: ServerCommand, server: Server): Decided {
  if (command.type === 'register') return register(command, server);
  if (server.status === 'absent') return refuse({ code: 'server.unknown', pointer: '/server' });
  const { serverId } = server;
  switch (command.type) {
    case 'update':
      return update(command, server);
    case 'approve-tools':
      return ok(isApproved(server, command.listing) ? [] : [{ type: 'server.tools_approved', version: 1, data: { serverId, ...command.listing } }]);
    case 'notice-tools':
      return noticeTools(command.seen, server);
    case 'label-tool':
      return labelTool(command, server);
    case 'disable':
      return ok(server.status === 'disabled' ? [] : [{ type: 'server.disabled', version: 1, data: { serverId } }]);
    case 'enable':
      return ok(server.status === 'active' ? [] : [{ type: 'server.enabled', version: 1, data: { serverId } }]);
  }
}

function register(command: CommandOf<'register'>, server: Server): Decided {
  const { serverId, slug, upstream, timeoutMs } = command;
  if (server.status !== 'absent') return refuse({ code: 'server.exists', pointer: '' });
  if (!isSlug(slug)) return refuse({ code: 'server.slug_invalid', pointer: '/slug' });
  if (command.slugTaken) return refuse({ code: 'server.slug_taken', pointer: '/slug' });
  if (upstream.kind === 'stdio' && command.source !== 'operator-file') return refuse({ code: 'stdio_from_file_only', pointer: '/url' });
  const problem = upstream.kind === 'http' ? httpProblem(upstream) : undefined;
  if (problem !== undefined) return refuse(problem);
  if (!isTimeout(timeoutMs)) return refuse({ code: 'server.timeout_invalid', pointer: '/timeout' });
  return ok([{ type: 'server.registered', version: 1, data: { serverId, slug, upstream, timeoutMs } }]);
}

function httpProblem(upstream: HttpUpstream): ServerRefusal | undefined {
  if (originOf(upstream.url) === undefined) return { code: 'server.url_invalid', pointer: '/url' };
  return headerNameProblem(upstream.headers.map((header) => header.name), '/headers');
}

function update(command: CommandOf<'update'>, server: KnownServer): Decided {
  const timeoutMs = command.timeoutMs ?? server.timeoutMs;
  if (!isTimeout(timeoutMs)) return refuse({ code: 'server.timeout_invalid', pointer: '/timeout' });
  const upstream = server.upstream.kind === 'stdio' ? updatedStdio(command, server.upstream) : updatedHttp(command, server.upstream);
  if (!upstream.ok) return upstream;
  if (upstream.value === server.upstream && timeoutMs === server.timeoutMs) return ok([]);
  return ok([{ type: 'server.updated', version: 1, data: { serverId: server.serverId, upstream: upstream.value, timeoutMs } }]);
}

/** Where a process is and what it gets is the operator's file's to say. */
function updatedStdio(command: CommandOf<'update'>, upstream: Upstream): Result<Upstream, ServerRefusal> {
  if (command.url !== undefined) return refuse({ code: 'stdio_from_file_only', pointer: '/url' });
  if (command.setHeaders.length > 0) return refuse({ code: 'stdio_from_file_only', pointer: '/setHeaders' });
  if (command.removeHeaders.length > 0) return refuse({ code: 'stdio_from_file_only', pointer: '/removeHeaders' });
  return ok(upstream);
}

function updatedHttp(command: CommandOf<'update'>, upstream: HttpUpstream): Result<Upstream, ServerRefusal> {
  const { setHeaders, removeHeaders } = command;
  const url = command.url ?? upstream.url;
  if (url === upstream.url && setHeaders.length === 0 && removeHeaders.length === 0) return ok(upstream);
  const origin = originOf(url);
  if (origin === undefined) return refuse({ code: 'server.url_invalid', pointer: '/url' });
  const problem = headerNameProblem(setHeaders.map((header) => header.name), '/setHeaders') ?? unknownHeader(removeHeaders, upstream.headers);
  if (problem !== undefined) return refuse(problem);

  const replaced = new Set([...removeHeaders, ...setHeaders.map((header) => header.name)].map((name) => name.toLowerCase()));
  const kept = upstream.headers.filter((header) => !replaced.has(header.name.toLowerCase()));
  // Whoever may change an address must not learn by it what a credential is: secrets stay with the origin they were given for.
  if (kept.length > 0 && origin !== originOf(upstream.url)) return refuse({ code: 'server.headers_bound_to_origin', pointer: '/url' });
  const headers = [...kept, ...setHeaders];
  return headers.length > MAX_HEADERS ? refuse({ code: 'server.headers_too_many', pointer: '/setHeaders' }) : ok({ kind: 'http', url, headers });
}

function unknownHeader(names: readonly string[], headers: readonly SealedHeader[]): ServerRefusal | undefined {
  const known = new Set(headers.map((header) => header.name.toLowerCase()));
  const at = names.findIndex((name) => !known.has(name.toLowerCase()));
  return at < 0 ? undefined : { code: 'server.header_unknown', pointer: `/removeHeaders/${at}` };
}

function isApproved(server: KnownServer, listing: ToolListing): boolean {
  if (server.approved === null || server.changed.size > 0) return false;
  return JSON.stringify(fieldsOf(server.approved)) === JSON.stringify(fieldsOf(listing));
}

function fieldsOf(listing: ToolListing): unknown {
  const { eras, protocolVersions, serverInfo, tools, rejected } = listing;
  return [eras, protocolVersions, serverInfo, tools.map((tool) => [tool.name, tool.hash]), rejected.map((tool) => [tool.name, tool.reason])];
}

/** What was noticed before is not noticed again, and a tool that turned back stays quarantined until a person looks. */
function noticeTools(seen: readonly SeenTool[], server: KnownServer): Decided {
  if (server.approved === null) return ok([]);
  const tools = toolChanges(server.approved.tools, seen).filter((tool) => server.changed.get(tool.name) !== tool.hash);
  if (tools.length === 0) return ok([]);
  return ok([{ type: 'server.tools_changed', version: 1, data: { serverId: server.serverId, tools } }]);
}

/** A label names a tool that is or was seen; one of a tool that is gone can still be taken away. */
function labelTool({ tool, category, risk }: CommandOf<'label-tool'>, server: KnownServer): Decided {
  const before = server.labels.get(tool) ?? { category: null, risk: null };
  const isKnown = server.labels.has(tool) || server.changed.has(tool) || server.approved?.tools.some(({ name }) => name === tool) === true;
  if (!isKnown) return refuse({ code: 'server.tool_unknown', pointer: '/tool' });
  const said = { category: category === undefined ? before.category : category, risk: risk === undefined ? before.risk : risk };
  if (said.category === before.category && said.risk === before.risk) return ok([]);
  return ok([{ type: 'server.tool_labelled', version: 1, data: { serverId: server.serverId, tool, ...said } }]);
}

function isTimeout(ms: number): boolean {
  return Number.isInteger(ms) && ms >= TIMEOUT_MS.shortest && ms <= TIMEOUT_MS.longest;
}

/** The origin of an http address without credentials in it. */
function originOf(url: string): string | undefined {
  if (url.length > 2_048 || !URL.canParse(url)) return undefined;
  const { protocol, origin, username, password, hash } = new URL(url);
  const isHttp = protocol === 'http:' || protocol === 'https:';
  return isHttp && username === '' && password === '' && hash === '' ? origin : undefined;
}
