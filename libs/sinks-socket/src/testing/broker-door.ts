import { createServer, type AddressInfo, type Socket } from 'node:net';

import type { Result } from '@sallyport/kernel';
import type { GuardedNetwork, NetworkRefusal, NetworkTarget } from '@sallyport/sinks';

import { LoopbackNetwork } from './loopback-network.js';

/** The way to real brokers, which a test can shut, or have lead to somebody who takes everything and says nothing. */
export class BrokerDoor implements GuardedNetwork {
  private readonly inner = new LoopbackNetwork();
  private silent: { readonly port: number; close(): void } | null = null;

  async connect(target: NetworkTarget, signal: AbortSignal): Promise<Result<Socket, NetworkRefusal>> {
    return this.inner.connect(this.silent === null ? target : { host: '127.0.0.1', port: this.silent.port, tls: null }, signal);
  }

  /** Lets nobody through, and breaks what there is. */
  shut(): void {
    this.inner.refusal = { kind: 'unreachable', message: 'Nothing listens there.' };
    this.inner.end();
  }

  /** Leads to the brokers. */
  open(): void {
    this.inner.refusal = null;
    this.silent?.close();
    this.silent = null;
  }

  /** Leads into silence, also those who were connected. `reached` resolves when somebody speaks there. */
  async leadAstray(): Promise<{ readonly reached: Promise<void> }> {
    let tell = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const server = createServer((socket) => void socket.on('error', () => undefined).on('data', tell));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.silent = { port: (server.address() as AddressInfo).port, close: () => void server.close() };
    this.inner.end();
    return { reached };
  }

  /** Comes back when no connection is left. */
  async unconnected(): Promise<void> {
    const open = this.inner.sockets.filter((socket) => !socket.closed);
    await Promise.all(open.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }
}
