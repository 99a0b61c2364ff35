import { type Result, ok, refuse } from '@sallyport/kernel';

import { RPC_CODES } from './rpc-codes.js';
import type { Refusal } from './refusal.js';

/** The request headers a gateway looks at: each at most once, values without edge white space, `null` when absent. */
export interface HeaderView {
  readonly authorization: string | null;
  readonly host: string | null;
  readonly origin: string | null;
  readonly contentType: string | null;
  readonly contentLength: string | null;
  readonly contentEncoding: string | null;
  readonly accept: string | null;
  /** `MCP-Protocol-Version`. */
  readonly protocolVersion: string | null;
  /** `Mcp-Method`, `Mcp-Name`: attacker-chosen until `classifyFrame` found them equal to the body. */
  readonly mcpMethod: string | null;
  readonly mcpName: string | null;
  /** `Mcp-Session-Id`, legacy only. */
  readonly sessionId: string | null;
  /** `Last-Event-ID`, legacy only. */
  readonly lastEventId: string | null;
  /** `Sallyport-Min-Revision`, as sent. */
  readonly minRevision: string | null;
  /** `X-Request-Id`, as sent; not checked for sanity. */
  readonly requestId: string | null;
  /** `Mcp-Param-*` by lower-case name without the prefix. */
  readonly params: ReadonlyMap<string, string>;
  /** Trace context (W3C), names in lower case and values in turn, repetitions included: of no weight in a decision. */
  readonly trace: readonly string[];
}

type Field = Exclude<keyof HeaderView, 'params' | 'trace'>;
type Draft = { -readonly [Name in Field]: string | null } & { params: ReadonlyMap<string, string>; trace: readonly string[] };

const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['authorization', 'authorization'],
  ['host', 'host'],
  ['origin', 'origin'],
  ['content-type', 'contentType'],
  ['content-length', 'contentLength'],
  ['content-encoding', 'contentEncoding'],
  ['accept', 'accept'],
  ['mcp-protocol-version', 'protocolVersion'],
  ['mcp-method', 'mcpMethod'],
  ['mcp-name', 'mcpName'],
  ['mcp-session-id', 'sessionId'],
  ['last-event-id', 'lastEventId'],
  ['sallyport-min-revision', 'minRevision'],
  ['x-request-id', 'requestId'],
]);

/** The same, also as most clients write them, and names that mean nothing here: for these no name is put into lower case. */
const KNOWN: ReadonlyMap<string, Field | null> = new Map<string, Field | null>([
  ...[...FIELDS].flatMap(([name, field]): [string, Field][] => [[name, field], [titled(name), field]]),
  ...['connection', 'user-agent', 'accept-encoding', 'accept-language', 'sec-fetch-mode'].flatMap((name): [string, null][] => [[name, null], [titled(name), null]]),
]);

function titled(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (initial) => initial.toUpperCase());
}

const PARAM_PREFIX = 'mcp-param-';
const NO_PARAMS: ReadonlyMap<string, string> = new Map<string, string>();
const TRACE: ReadonlySet<string> = new Set(['traceparent', 'tracestate', 'baggage']);
const NO_TRACE: readonly string[] = [];

/** Lists, which may be split over lines (RFC 9110, 5.3); every other header here has one value. */
const LISTS: ReadonlySet<Field> = new Set<Field>(['accept', 'contentEncoding']);

/**
 * Reads Node's `rawHeaders` (name, value, name, value …), which still shows what the parsed form hides: Node keeps the first of
 * two `Authorization` lines and joins two `Mcp-Name` lines with a comma.
 *
 * A second line of any header of `HeaderView`, or of any other `Mcp-*` header, is refused with HTTP 400; only lists are
 * joined, and trace context is taken as it comes. Names are compared without case. `Mcp_Name` with an underscore is another header and is ignored.
 */
export function readHeaders(rawHeaders: readonly string[]): Result<HeaderView, Refusal> {
  const view = emptyView();
  let params: Map<string, string> | null = null;
  let otherMcp: Set<string> | null = null;
  let trace: string[] | null = null;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const raw = rawHeaders[index] as string;
    const known = KNOWN.get(raw);
    if (known === null) continue;
    const name = known === undefined ? raw.toLowerCase() : raw;
    const field = known ?? FIELDS.get(name);
    if (field !== undefined) {
      const value = trimmed(rawHeaders[index + 1] as string);
      if (view[field] === null) view[field] = value;
      else if (LISTS.has(field)) view[field] += `, ${value}`;
      else return refuse(repeated(name.toLowerCase()));
    } else if (name.startsWith(PARAM_PREFIX)) {
      params ??= new Map();
      if (params.has(name.slice(PARAM_PREFIX.length))) return refuse(repeated(name));
      params.set(name.slice(PARAM_PREFIX.length), trimmed(rawHeaders[index + 1] as string));
    } else if (name.startsWith('mcp-')) {
      otherMcp ??= new Set();
      if (otherMcp.has(name)) return refuse(repeated(name));
      otherMcp.add(name);
    } else if (TRACE.has(name)) {
      (trace ??= []).push(name, trimmed(rawHeaders[index + 1] as string));
    }
  }
  if (params !== null) view.params = params;
  if (trace !== null) view.trace = trace;
  return ok(view);
}

function emptyView(): Draft {
  return {
    authorization: null,
    host: null,
    origin: null,
    contentType: null,
    contentLength: null,
    contentEncoding: null,
    accept: null,
    protocolVersion: null,
    mcpMethod: null,
    mcpName: null,
    sessionId: null,
    lastEventId: null,
    minRevision: null,
    requestId: null,
    params: NO_PARAMS,
    trace: NO_TRACE,
  };
}

function repeated(name: string): Refusal {
  return {
    httpStatus: 400,
    rpcCode: name.startsWith('mcp-') ? RPC_CODES.headerMismatch : RPC_CODES.invalidRequest,
    message: `The header ${name} was sent more than once.`,
    reason: 'repeated_header',
  };
}

/** Cuts spaces and tabs at both ends, the only white space HTTP knows there. */
function trimmed(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start += 1;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1;
  return start === 0 && end === value.length ? value : value.slice(start, end);
}

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09;
}
