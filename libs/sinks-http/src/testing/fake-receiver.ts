import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:https';
import { gunzipSync, gzipSync } from 'node:zlib';

import type { ExaminedReceiver } from '@sallyport/sinks/testing';

/** A request as it came, its body decompressed. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly compressed: boolean;
}

/** What is said to it. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What goes wrong. `take_then_lose`: says yes and keeps nothing. `redirect`: to the address of a cloud's metadata. */
export type FaultMode = 'hang' | 'slow_drip' | 'body_never_ended' | 'gzip_bomb' | 'redirect' | 'moved' | 'reset' | 'take_then_lose' | { readonly status: number; readonly retryAfter?: string };

/** How one kind of receiver speaks, written from its rules. */
export interface Dialect {
  /** Ids of the events in a request; null for a request of another kind. */
  eventIds(received: Received): readonly string[] | null;
  /** The answer to events; `poison` are those it refuses, and `keep` is told which it takes. */
  take(received: Received, ids: readonly string[], hands: Hands): Reply;
  /** The answer to a request of another kind. */
  other?(received: Received): Reply;
  /** Whether the credential is the right one. */
  isAuthorised(received: Received): boolean;
  readonly unauthorised: Reply;
  /** Forgets what it has of its own. */
  reset?(): void;
}

/** What a dialect works with. */
export interface Hands {
  readonly poison: ReadonlySet<string>;
  keep(ids: readonly string[]): void;
  has(id: string): boolean;
}

/** TLS of a fake: PEM. */
export interface FakeTls {
  readonly cert: string;
  readonly key: string;
}

/** A fake of a receiver over HTTP on loopback: speaks a dialect, does as a test tells it, and remembers what came. */
export class FakeReceiver implements ExaminedReceiver {
  readonly received: Received[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server;
  private arrivals: string[] = [];
  private readonly keptIds: string[] = [];
  private poisoned: ReadonlySet<string> = new Set();
  private fault: FaultMode | null = null;
  private barred = false;
  private port = 0;
  private watchers: (() => void)[] = [];

  private constructor(
    private readonly dialect: Dialect,
    tls: FakeTls | null,
  ) {
    const listener = (request: IncomingMessage, response: ServerResponse): void => void this.answer(request, response);
    this.server = tls === null ? createServer(listener) : createTlsServer({ ...tls }, listener);
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined).once('close', () => {
        this.sockets.delete(socket);
        this.tell();
      });
    });
  }

  static async start(dialect: Dialect, tls: FakeTls | null = null): Promise<FakeReceiver> {
    const fake = new FakeReceiver(dialect, tls);
    await fake.back();
    return fake;
  }

  get origin(): string {
    return `${this.server instanceof Object && 'setSecureContext' in this.server ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  /** From now on this goes wrong; null: nothing. */
  behave(fault: FaultMode | null): void {
    this.fault = fault;
  }

  async reset(): Promise<void> {
    this.received.length = 0;
    this.arrivals = [];
    this.keptIds.length = 0;
    this.poisoned = new Set();
    this.fault = null;
    this.barred = false;
    this.dialect.reset?.();
  }

  async arrived(count: number): Promise<readonly string[]> {
    await this.until(() => this.arrivals.length >= count);
    return this.arrivals;
  }

  kept(): Promise<readonly string[]> {
    return Promise.resolve(this.keptIds);
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
    const before = this.received.length;
    return { reached: this.until(() => this.received.length > before) };
  }

  async refuseCredentials(): Promise<void> {
    this.barred = true;
  }

  async busy(retryAfterSeconds: number): Promise<void> {
    this.fault = { status: 429, retryAfter: String(retryAfterSeconds) };
  }

  async poison(eventId: string): Promise<void> {
    this.poisoned = new Set([...this.poisoned, eventId]);
  }

  unconnected(): Promise<void> {
    return this.until(() => this.sockets.size === 0);
  }

  async close(): Promise<void> {
    if (this.server.listening) await this.away();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await read(request);
    if (received === null) return;
    this.received.push(received);
    const ids = this.dialect.eventIds(received);
    this.say(response, received, ids);
    this.tell();
  }

  private say(response: ServerResponse, received: Received, ids: readonly string[] | null): void {
    if (this.fault === 'hang') return;
    if (this.barred || !this.dialect.isAuthorised(received)) return send(response, this.dialect.unauthorised);
    if (ids === null) return send(response, this.dialect.other?.(received) ?? { status: 404 });
    if (this.fault !== null && this.fault !== 'take_then_lose') return misbehave(response, this.fault);
    const keep = (taken: readonly string[]): void => {
      if (this.fault === 'take_then_lose') return;
      this.arrivals.push(...taken);
      this.keptIds.push(...taken.filter((id) => !this.keptIds.includes(id)));
    };
    send(response, this.dialect.take(received, ids, { poison: this.poisoned, keep, has: (id) => this.keptIds.includes(id) }));
  }

  private async until(reached: () => boolean): Promise<void> {
    while (!reached()) await new Promise<void>((resolve) => this.watchers.push(resolve));
  }

  private tell(): void {
    const watchers = this.watchers;
    this.watchers = [];
    for (const watcher of watchers) watcher();
  }
}

/** A dialect that takes all or nothing: one poisoned event, and it refuses the request with `unfit`. */
export function allOrNothing(ids: readonly string[], hands: Hands, replies: { readonly taken: Reply; readonly unfit: Reply }): Reply {
  if (ids.some((id) => hands.poison.has(id))) return replies.unfit;
  hands.keep(ids);
  return replies.taken;
}

async function read(request: IncomingMessage): Promise<Received | null> {
  const parts: Buffer[] = [];
  try {
    for await (const part of request) parts.push(Buffer.from(part));
  } catch {
    return null; // the sender went away
  }
  const raw = Buffer.concat(parts);
  const compressed = request.headers['content-encoding'] === 'gzip';
  return { path: request.url ?? '', headers: request.headers, body: compressed ? gunzipSync(raw) : raw, compressed };
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: Reply): void {
  response.writeHead(status, { ...headers }).end(body);
}

const BOMB_BYTES = 64 * 1_048_576;

function misbehave(response: ServerResponse, fault: Exclude<FaultMode, 'hang' | 'take_then_lose'>): void {
  if (typeof fault === 'object') return send(response, { status: fault.status, headers: fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter } });
  switch (fault) {
    case 'redirect':
      return send(response, { status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data' } });
    case 'moved':
      return send(response, { status: 308, headers: { location: 'http://169.254.169.254/' } });
    case 'reset':
      response.socket?.destroy();
      return;
    case 'body_never_ended':
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"text":"Success","code":0');
      return;
    case 'gzip_bomb':
      return send(response, { status: 200, headers: { 'content-encoding': 'gzip', 'content-type': 'application/json' }, body: gzipSync(Buffer.alloc(BOMB_BYTES)) });
    case 'slow_drip':
      return drip(response);
  }
}

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{');
  const dripping = setInterval(() => response.write(' '), 20);
  response.once('close', () => clearInterval(dripping));
}
