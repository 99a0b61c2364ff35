import type { ServerResponse } from 'node:http';

import { listenOnLoopback, type LoopbackServer } from '@sallyport/test-support';

/** The bytes of an answer, in the pieces in which they are sent. */
export interface Recorded {
  readonly contentType: string;
  readonly chunks: readonly Buffer[];
}

const INTRODUCTION = '{"protocolVersion":"2025-11-25","capabilities":{"tools":{},"resources":{}},"serverInfo":{"name":"recording","version":"1"}}';
const TOOLS = '{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}';
const DISCOVERED = `{"resultType":"complete","supportedVersions":["2026-07-28"],"ttlMs":0,"cacheScope":"private",${INTRODUCTION.slice(1)}`;
const OWN: Readonly<Record<string, string>> = { initialize: INTRODUCTION, 'server/discover': DISCOVERED, 'tools/list': TOOLS };

/** A server of both eras, without sessions, that keeps the exact bytes of what reaches it and answers with the exact bytes it is given. */
export class RecordingUpstream {
  /** Bodies of everything but introductions and listings, in order. */
  readonly bodies: Buffer[] = [];
  /** What the next requests are answered with. */
  answer: Recorded = { contentType: 'application/json', chunks: [] };

  private constructor(private readonly server: LoopbackServer) {}

  /** Starts one on a free loopback port. */
  static async start(): Promise<RecordingUpstream> {
    const made: RecordingUpstream = new RecordingUpstream(
      await listenOnLoopback((request, response) => {
        const parts: Buffer[] = [];
        request.on('data', (part: Buffer) => parts.push(part));
        request.on('end', () => void made.take(Buffer.concat(parts), response));
      }),
    );
    return made;
  }

  get url(): string {
    return `${this.server.origin}/mcp`;
  }

  stop(): Promise<void> {
    return this.server.close();
  }

  private async take(body: Buffer, response: ServerResponse): Promise<void> {
    const { id, method = '' } = JSON.parse(body.toString()) as { readonly id?: number; readonly method?: string };
    const own = OWN[method];
    if (own !== undefined) return void response.writeHead(200, { 'content-type': 'application/json' }).end(`{"jsonrpc":"2.0","id":${id},"result":${own}}`);
    if (method !== 'notifications/initialized') this.bodies.push(body);
    if (id === undefined || method === '') return void response.writeHead(202).end();
    response.writeHead(200, { 'content-type': this.answer.contentType });
    for (const chunk of this.answer.chunks) await new Promise((flushed) => response.write(chunk, flushed));
    response.end();
  }
}
