import { createServer, type Http2Session, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** How a call is answered: a status alone, or with a message before it; `hang` says nothing, `bomb` never stops talking. */
export type GrpcReply = { readonly status: number; readonly message?: Uint8Array; readonly details?: Uint8Array } | 'hang' | 'bomb' | { readonly http: number };

/** A call as it came. */
export interface GrpcReceived {
  readonly headers: IncomingHttpHeaders;
  readonly message: Buffer;
}

/** A fake of a gRPC receiver: answers every call as it is told. */
export class FakeGrpcReceiver {
  readonly received: GrpcReceived[] = [];
  /** How calls are answered, whatever they are or by what they bring. */
  reply: GrpcReply | ((received: GrpcReceived) => GrpcReply) = { status: 0, message: new Uint8Array() };
  private readonly server = createServer();
  private readonly sessions = new Set<Http2Session>();
  private watchers: (() => void)[] = [];
  private port = 0;

  static async start(): Promise<FakeGrpcReceiver> {
    const fake = new FakeGrpcReceiver();
    fake.server.on('session', (session) => {
      fake.sessions.add(session);
      session.on('error', () => undefined).once('close', () => {
        fake.sessions.delete(session);
        fake.tell();
      });
    });
    fake.server.on('stream', (stream, headers) => void fake.answer(stream, headers));
    await fake.back();
    return fake;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resolves when the next call has come, or a connection has ended. */
  called(): Promise<void> {
    return new Promise((resolve) => this.watchers.push(resolve));
  }

  /** Comes back once it holds. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.called();
  }

  /** How many are connected. */
  get connections(): number {
    return this.sessions.size;
  }

  /** Takes no connection any more, and drops those that there are. */
  async away(): Promise<void> {
    for (const session of this.sessions) session.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Listens, where it listened before. */
  async back(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (this.server.listening) await this.away();
  }

  private tell(): void {
    for (const watcher of this.watchers.splice(0)) watcher();
  }

  private async answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    stream.on('error', () => undefined);
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(Buffer.from(part));
    const frame = Buffer.concat(parts);
    const message = frame.subarray(5);
    this.received.push({ headers, message: frame[0] === 1 ? gunzipSync(message) : message });
    this.tell();
    const told = this.received.at(-1);
    if (told !== undefined) say(stream, typeof this.reply === 'function' ? this.reply(told) : this.reply);
  }
}

function say(stream: ServerHttp2Stream, reply: GrpcReply): void {
  if (reply === 'hang') return;
  if (reply === 'bomb') {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    const pour = (): void => void (stream.destroyed || stream.write(Buffer.alloc(65_536), pour));
    return pour();
  }
  if ('http' in reply) return void stream.respond({ ':status': reply.http }, { endStream: true });
  const end = { 'grpc-status': String(reply.status), ...(reply.details === undefined ? {} : { 'grpc-status-details-bin': Buffer.from(reply.details).toString('base64') }) };
  if (reply.message === undefined) return void stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...end }, { endStream: true });
  const head = Buffer.alloc(5);
  head.writeUInt32BE(reply.message.length, 1);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers(end));
  stream.end(Buffer.concat([head, reply.message]));
}
