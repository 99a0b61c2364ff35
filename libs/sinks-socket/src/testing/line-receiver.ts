import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A receiver on loopback that keeps what it is told, and does to a connection whatever a test wants. */
export class LineReceiver {
  /** All bytes of all connections, in order of arrival. */
  readonly heard: Buffer[] = [];
  readonly connections: Socket[] = [];
  private readonly waiting = new Set<() => void>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** @param meet Called for each piece that comes; by default it says nothing. */
  static async open(meet: (chunk: Buffer, socket: Socket, receiver: LineReceiver) => void = () => undefined, port = 0): Promise<LineReceiver> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const receiver = new LineReceiver(server, (server.address() as AddressInfo).port);
    server.on('connection', (socket) => {
      receiver.connections.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        receiver.heard.push(chunk);
        meet(chunk, socket, receiver);
        receiver.wake();
      });
      receiver.wake();
    });
    return receiver;
  }

  get text(): string {
    return Buffer.concat(this.heard).toString('utf8');
  }

  /** Comes back once it holds. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  /** Breaks all connections: with RST, or with FIN. */
  drop(how: 'reset' | 'end'): void {
    for (const socket of this.connections) {
      if (how === 'reset') socket.resetAndDestroy();
      else socket.end();
    }
  }

  async close(): Promise<void> {
    for (const socket of this.connections) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

/** The messages in octet-counted text, and what is left at the end. */
export function framesOf(bytes: Buffer): { readonly frames: readonly string[]; readonly torn: Buffer } {
  const frames: string[] = [];
  let left = bytes;
  for (;;) {
    const digits = /^([1-9][0-9]{0,8}) /.exec(left.toString('latin1', 0, 10));
    const start = digits?.[0].length ?? 0;
    const end = start + Number(digits?.[1] ?? 0);
    if (digits === null || left.length < end) return { frames, torn: left };
    frames.push(left.toString('utf8', start, end));
    left = left.subarray(end);
  }
}
