import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { Passage, type LineFault } from './passage.js';

/**
 * A TCP proxy on loopback that does to a line what networks do: see `LineFault`. What is set holds for every connection, those that
 * are open included, until something else is set.
 */
export class FaultProxy {
  private fault: LineFault = { kind: 'none' };
  private readonly lines = new Set<Line>();

  private constructor(
    private readonly server: Server,
    private targetPort: number,
  ) {
    server.on('connection', (client) => this.accept(client));
  }

  /** Listens on a free port of 127.0.0.1 for connections to another. */
  static async start(targetPort: number): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultProxy(server, targetPort);
  }

  /** Where it listens. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.lines.size;
  }

  /** How many of them hold back what somebody sent. */
  get holding(): number {
    return [...this.lines].filter(({ out, back }) => out.holds || back.holds).length;
  }

  /** New connections go to another port of 127.0.0.1 from now on. */
  aimAt(port: number): void {
    this.targetPort = port;
  }

  /** What happens on the line from now on. What was held back goes on under it. */
  set(fault: LineFault): void {
    this.fault = fault;
    for (const { out, back } of this.lines) {
      out.set(fault);
      back.set(fault);
    }
  }

  /** Ends every open connection with a reset (RST), at both ends. New ones are taken. */
  reset(): void {
    for (const line of this.lines) line.reset();
  }

  /** Ends everything; resolves when nothing listens any more. */
  async close(): Promise<void> {
    this.reset();
    this.server.close();
    await once(this.server, 'close');
  }

  private accept(client: Socket): void {
    if (this.fault.kind === 'refused') return void client.resetAndDestroy();
    const line = new Line(client, connect({ host: '127.0.0.1', port: this.targetPort, allowHalfOpen: true }), this.fault);
    this.lines.add(line);
    void line.ended.then(() => this.lines.delete(line));
  }
}

/** One connection: its two sockets, and what passes each way. */
class Line {
  readonly out: Passage;
  readonly back: Passage;
  readonly ended: Promise<unknown>;

  constructor(
    private readonly client: Socket,
    private readonly target: Socket,
    fault: LineFault,
  ) {
    this.out = new Passage(client, target, fault);
    this.back = new Passage(target, client, fault);
    this.ended = Promise.all([client, target].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    for (const socket of [client, target]) socket.setNoDelay(true).on('error', () => this.reset()); // one end broke: the other hears it
  }

  reset(): void {
    for (const passage of [this.out, this.back]) passage.end();
    for (const socket of [this.client, this.target]) if (!socket.destroyed) socket.resetAndDestroy();
  }
}
