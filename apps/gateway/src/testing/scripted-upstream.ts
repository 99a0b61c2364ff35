import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as the upstream saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The JSON-RPC method, `''` where there is none. */
  readonly rpcMethod: string;
  /** The id's JSON text, `null` where there is none. */
  readonly id: string | null;
}

/** Answers one request; it may do with the response what a broken server would. */
export type Script = (seen: SeenRequest, response: ServerResponse) => void;

/** An MCP upstream on loopback whose every answer a test writes. What it saw is kept. */
export class ScriptedUpstream {
  readonly seen: SeenRequest[] = [];
  private readonly server = createServer((request, response) => void this.take(request, response));
  private readonly waiters: { readonly count: number; resolve(): void }[] = [];

  private constructor(public script: Script) {}

  /** Starts one on a free port. */
  static async start(script: Script): Promise<ScriptedUpstream> {
    const upstream = new ScriptedUpstream(script);
    await new Promise<void>((resolve) => upstream.server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/mcp`;
  }

  /** The `tools/call` requests seen. */
  get calls(): readonly SeenRequest[] {
    return this.seen.filter((request) => request.rpcMethod === 'tools/call');
  }

  /** Resolves when so many requests have been seen. */
  async hasSeen(count: number): Promise<void> {
    if (this.seen.length >= count) return;
    await new Promise<void>((resolve) => this.waiters.push({ count, resolve }));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const seen = seenRequest(request, Buffer.concat(chunks).toString('utf8'));
    this.seen.push(seen);
    this.script(seen, response);
    for (const waiter of this.waiters) if (this.seen.length >= waiter.count) waiter.resolve();
  }
}

/** Answers with one JSON body. */
export function json(response: ServerResponse, body: string, other: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {}): void {
  response.writeHead(other.status ?? 200, { 'content-type': 'application/json', ...other.headers });
  response.end(body);
}

/** Begins an event stream. */
export function events(response: ServerResponse, ...messages: readonly string[]): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const message of messages) response.write(`event: message\ndata: ${message}\n\n`);
}

/** A tool's answer with one text block. */
export function textResult(id: string | null, text: string): string {
  return `{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":${JSON.stringify(text)}}]}}`;
}

/** What an upstream of the legacy era says to `initialize`. */
export const LEGACY_INTRODUCTION = '{"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true},"prompts":{},"logging":{},"experimental":{"x":1}},"serverInfo":{"name":"scripted","version":"1"}}';

/** A well-behaved server of the legacy era: sessions when `sessions` is set, every tool echoes what it was called with. */
export function legacyServer(sessions = true): Script {
  let count = 0;
  return (seen, response) => {
    if (seen.method === 'DELETE') return void response.writeHead(204).end();
    if (seen.method === 'GET') return void response.writeHead(405).end();
    if (seen.rpcMethod === 'initialize') {
      count += 1;
      return json(response, `{"jsonrpc":"2.0","id":${seen.id},"result":${LEGACY_INTRODUCTION}}`, { headers: sessions ? { 'mcp-session-id': `upstream-${count}` } : {} });
    }
    if (seen.id === null || seen.rpcMethod === '') return void response.writeHead(202).end();
    return json(response, seen.rpcMethod === 'tools/call' ? textResult(seen.id, seen.body) : `{"jsonrpc":"2.0","id":${seen.id},"result":{}}`);
  };
}

function seenRequest(request: IncomingMessage, body: string): SeenRequest {
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    headers: request.headers,
    body,
    rpcMethod: /"method"\s*:\s*"([^"]*)"/.exec(body)?.[1] ?? '',
    id: /"id"\s*:\s*("[^"]*"|[0-9.]+)/.exec(body)?.[1] ?? null,
  };
}
