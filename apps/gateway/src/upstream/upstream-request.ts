import type { UpstreamRequest } from '@sallyport/upstream';

import type { Exchange } from '../pipeline/exchange.js';
import type { HttpWay } from './http-targets.js';

const POST_DEFAULTS = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream'];
const GET_DEFAULTS = ['accept', 'text/event-stream'];

/** What of a client's request goes along to an HTTP upstream. */
export interface Forwarded {
  readonly way: HttpWay;
  readonly exchange: Exchange;
  /** The upstream's own session, where the client's session has one. */
  readonly upstreamSessionId: string | null;
  readonly timeoutMs: number;
  readonly idleMs: number;
}

/**
 * A POST to an upstream with the client's own bytes. Headers are made here, not copied: the server's injected ones, the MCP
 * headers that were held against the body, and trace context. Nothing else of the client's request leaves, its credential
 * and cookies least of all.
 */
export function postRequest(forwarded: Forwarded, body: Buffer): UpstreamRequest {
  return request('POST', forwarded, { defaults: POST_DEFAULTS, body });
}

/** Opens an upstream's own stream of a session; `Last-Event-ID` goes along. */
export function getRequest(forwarded: Forwarded): UpstreamRequest {
  return request('GET', forwarded, { defaults: GET_DEFAULTS, body: null });
}

/** Ends an upstream's session. */
export function deleteRequest(way: HttpWay, session: { readonly upstreamSessionId: string; readonly protocolVersion: string | null }, timeoutMs: number): UpstreamRequest {
  const headers = [...way.injected, 'mcp-session-id', session.upstreamSessionId];
  if (session.protocolVersion !== null) headers.push('mcp-protocol-version', session.protocolVersion);
  return { method: 'DELETE', path: way.path, headers, body: null, headersTimeoutMs: timeoutMs, idleTimeoutMs: timeoutMs };
}

function request(method: 'GET' | 'POST', forwarded: Forwarded, own: { readonly defaults: readonly string[]; readonly body: Buffer | null }): UpstreamRequest {
  const { way, exchange, upstreamSessionId, timeoutMs, idleMs } = forwarded;
  const { protocolVersion, mcpMethod, mcpName, lastEventId, params } = exchange.headers;
  const headers = [...own.defaults, ...way.injected, ...exchange.headers.trace];
  if (protocolVersion !== null) headers.push('mcp-protocol-version', protocolVersion);
  if (upstreamSessionId !== null) headers.push('mcp-session-id', upstreamSessionId);
  if (mcpMethod !== null) headers.push('mcp-method', mcpMethod);
  if (mcpName !== null) headers.push('mcp-name', mcpName);
  if (method === 'GET' && lastEventId !== null) headers.push('last-event-id', lastEventId);
  if (params.size > 0) for (const [name, value] of params) headers.push(`mcp-param-${name}`, value);
  return { method, path: way.path, headers, body: own.body, headersTimeoutMs: timeoutMs, idleTimeoutMs: idleMs };
}
