import { createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';

import type { ExaminedReceiver } from '@sallyport/sinks/testing';

import { startS3Store, type S3Store } from './s3-store.js';

/** What stands in the way of a request; null: nothing. */
type Fault = 'hang' | { readonly status: number; readonly code: string; readonly retryAfter?: string };

/** A real S3-compatible server behind a door that a test can shut, hold up, or have answer in the server's place. */
export class S3Front implements ExaminedReceiver {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private fault: Fault | null = null;
  private port = 0;
  private requests = 0;
  private arrivals: string[] = [];
  private watchers: (() => void)[] = [];

  private constructor(private readonly store: S3Store) {
    this.server = createServer((request, response) => void this.meet(request, response));
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined).once('close', () => {
        this.sockets.delete(socket);
        this.tell();
      });
    });
  }

  static async start(): Promise<S3Front> {
    const front = new S3Front(await startS3Store());
    await front.back();
    return front;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get bucket(): string {
    return this.store.bucket;
  }

  async reset(): Promise<void> {
    this.fault = null;
    this.arrivals = [];
    await this.store.empty();
  }

  async arrived(count: number): Promise<readonly string[]> {
    await this.until(() => this.arrivals.length >= count);
    return this.arrivals;
  }

  async kept(): Promise<readonly string[]> {
    const keys = (await this.store.keys()).filter((key) => key.endsWith('.ndjson.gz'));
    return (await Promise.all(keys.map((key) => this.store.read(key)))).flatMap(idsIn);
  }

  async away(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  async back(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  async hang(): Promise<{ readonly reached: Promise<void> }> {
    this.fault = 'hang';
    const before = this.requests;
    return { reached: this.until(() => this.requests > before) };
  }

  async refuseCredentials(): Promise<void> {
    this.fault = { status: 403, code: 'InvalidAccessKeyId' };
  }

  async busy(retryAfterSeconds: number): Promise<void> {
    this.fault = { status: 503, code: 'SlowDown', retryAfter: String(retryAfterSeconds) };
  }

  unconnected(): Promise<void> {
    return this.until(() => this.sockets.size === 0);
  }

  async close(): Promise<void> {
    if (this.server.listening) await this.away();
    await this.store.stop();
  }

  private async meet(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    this.requests += 1;
    this.tell();
    if (this.fault === 'hang') return;
    if (this.fault !== null) return void refuse(response, this.fault);
    const taken = await this.passOn(request, response, body);
    if (taken && request.method === 'PUT' && request.url?.endsWith('.ndjson.gz') === true) this.arrivals.push(...idsIn(body));
    this.tell();
  }

  /** Answers whether the server took it. */
  private passOn(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<boolean> {
    const { method, url, headers } = request;
    return new Promise((resolve) => {
      const onward = ask({ host: '127.0.0.1', port: this.store.port, method, path: url, headers, agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response).once('close', () => resolve(answer.statusCode === 200));
      });
      onward.once('error', () => resolve(false)).end(body);
    });
  }

  private async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.watchers.push(resolve));
  }

  private tell(): void {
    for (const watcher of this.watchers.splice(0)) watcher();
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of request) pieces.push(Buffer.from(piece));
  } catch {
    return Buffer.alloc(0); // the sender went away
  }
  return Buffer.concat(pieces);
}

function refuse(response: ServerResponse, { status, code, retryAfter }: Exclude<Fault, 'hang'>): void {
  response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end(`<Error><Code>${code}</Code></Error>`);
}

function idsIn(object: Buffer): readonly string[] {
  return gunzipSync(object).toString().trimEnd().split('\n').map((line) => (JSON.parse(line) as { readonly event_id: string }).event_id);
}
