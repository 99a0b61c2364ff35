import { ok, refuse, type Result, type Scheduler } from '@sallyport/kernel';
import { LEGACY_REVISIONS, MODERN_REVISIONS } from '@sallyport/mcp-protocol';

import { postRpc, type RpcReply } from './http-rpc.js';
import type { HttpUpstream } from './http-upstream.js';
import { CLIENT_INFO, INITIALIZED, legacyIntroduction, modernIntroduction, type Introduction } from './introduction.js';
import type { InspectionRefusal } from './inspection.js';
import { refusalOfKind, refusalOfRpcError, refusalOfStatus } from './inspection-refusals.js';
import { withModernMeta, type ListingSession } from './listing-session.js';
import type { RpcAnswer } from './rpc-answer.js';

/** Where and how an HTTP server is asked. */
export interface HttpListingOptions {
  readonly upstream: HttpUpstream;
  /** The server's own credentials, names and values in turn. */
  readonly headers: readonly string[];
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly scheduler: Scheduler;
}

interface Opened {
  readonly introduction: Introduction;
  readonly sessionId: string | undefined;
}

/**
 * Finds out which eras a server speaks: modern first, by `server/discover`; then legacy, by `initialize`. A success of discover counts only with
 * a modern revision in it, and 401 or 403 says nothing about eras.
 */
export async function openHttpListing(options: HttpListingOptions): Promise<Result<ListingSession, InspectionRefusal>> {
  const http = new HttpAsker(options);
  const modern = await http.discover();
  if (!modern.ok) return modern;
  const legacy = await http.initialize();
  if (!legacy.ok && modern.value === undefined) return legacy;
  return ok(sessionOf(http, modern.value, legacy.ok ? legacy.value : undefined));
}

function sessionOf(http: HttpAsker, modern: Introduction | undefined, legacy: Opened | undefined): ListingSession {
  const introductions = [modern, legacy?.introduction].filter((found) => found !== undefined);
  const versions = new Set(introductions.flatMap((found) => found.protocolVersions));
  return {
    eras: introductions.map((found) => found.era),
    protocolVersions: [...versions].sort().reverse(),
    introduction: introductions[0]?.result ?? '{}',
    ask: (method, params) => (modern === undefined ? http.askLegacy(method, params, legacy) : http.askModern(method, params)),
    close: () => http.end(legacy),
  };
}

class HttpAsker {
  private nextId = 1;

  constructor(private readonly options: HttpListingOptions) {}

  /** The modern introduction; undefined when the server does not speak that era. */
  async discover(): Promise<Result<Introduction | undefined, InspectionRefusal>> {
    const reply = await this.modern('server/discover', {});
    if (!reply.ok) return reply.refusal.code === 'reset' ? ok(undefined) : reply;
    const { status, answer } = reply.value;
    if (status === 401 || status === 403) return refuse(refusalOfStatus(status));
    return ok(answer === undefined ? undefined : modernIntroduction(answer.value, answer.bytes));
  }

  /** The legacy introduction, with the session if the server keeps one. */
  async initialize(): Promise<Result<Opened, InspectionRefusal>> {
    const params = { protocolVersion: LEGACY_REVISIONS[0], capabilities: {}, clientInfo: CLIENT_INFO };
    const reply = await this.send({ method: 'initialize', params, headers: [] });
    if (!reply.ok) return reply;
    const { status, answer, sessionId } = reply.value;
    if (answer === undefined) return refuse(refusalOfStatus(status));
    const introduction = legacyIntroduction(answer.value, answer.bytes);
    if (introduction === undefined) return refuse(refusalOfRpcError('initialize', errorCode(answer)));
    const opened = { introduction, sessionId };
    await this.post({ method: 'POST', body: INITIALIZED, id: undefined, headers: sessionHeaders(opened) });
    return ok(opened);
  }

  async askModern(method: string, params: Readonly<Record<string, unknown>>): Promise<Result<RpcAnswer, InspectionRefusal>> {
    return answered(await this.modern(method, params));
  }

  async askLegacy(
    method: string,
    params: Readonly<Record<string, unknown>>,
    opened: Opened | undefined,
  ): Promise<Result<RpcAnswer, InspectionRefusal>> {
    return answered(await this.send({ method, params, headers: sessionHeaders(opened) }));
  }

  /** Ends the session, if there is one; a server may refuse that. */
  async end(opened: Opened | undefined): Promise<void> {
    if (opened?.sessionId === undefined) return;
    await this.post({ method: 'DELETE', body: null, id: undefined, headers: sessionHeaders(opened) });
  }

  private modern(method: string, params: Readonly<Record<string, unknown>>): Promise<Result<RpcReply, InspectionRefusal>> {
    const headers = ['mcp-protocol-version', MODERN_REVISIONS[0], 'mcp-method', method];
    return this.send({ method, params: withModernMeta(params), headers });
  }

  private send(message: { method: string; params: object; headers: readonly string[] }): Promise<Result<RpcReply, InspectionRefusal>> {
    const id = this.nextId++;
    const { method, params, headers } = message;
    return this.post({ method: 'POST', body: Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method, params })), id, headers });
  }

  private async post(message: {
    readonly method: 'POST' | 'DELETE';
    readonly body: Buffer | null;
    readonly id: number | undefined;
    readonly headers: readonly string[];
  }): Promise<Result<RpcReply, InspectionRefusal>> {
    const reply = await postRpc({ ...this.options, ...message, headers: [...FIXED_HEADERS, ...this.options.headers, ...message.headers] });
    return reply.ok ? reply : refuse(refusalOfKind(reply.refusal));
  }
}

const FIXED_HEADERS = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream'] as const;

function sessionHeaders(opened: Opened | undefined): readonly string[] {
  if (opened === undefined) return [];
  const version = ['mcp-protocol-version', opened.introduction.protocolVersions[0] ?? LEGACY_REVISIONS[0]];
  return opened.sessionId === undefined ? version : [...version, 'mcp-session-id', opened.sessionId];
}

function answered(reply: Result<RpcReply, InspectionRefusal>): Result<RpcAnswer, InspectionRefusal> {
  if (!reply.ok) return reply;
  const { status, answer } = reply.value;
  return answer === undefined ? refuse(refusalOfStatus(status)) : ok(answer);
}

function errorCode(answer: RpcAnswer): unknown {
  const error = answer.value['error'];
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

