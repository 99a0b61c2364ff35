import { Socket } from 'node:net';

import { openSocket } from '../sockets.js';

/** Connections that a test counts, cuts, refuses and garbles. */
export class MeddlingSockets {
  /** Bytes received over all connections. */
  receivedBytes = 0;
  /** Answers received over all connections, about: the pieces in which they came. */
  receivedPieces = 0;
  private readonly open = new Set<Socket>();
  private severed = false;
  private garbling = false;

  readonly connect: typeof openSocket = (to) => {
    if (this.severed) return refusing();
    const socket = openSocket(to);
    const emit = socket.emit.bind(socket) as (event: string | symbol, ...args: unknown[]) => boolean;
    socket.emit = (event: string | symbol, ...args: unknown[]): boolean => emit(event, ...(event === 'data' ? args.map((data) => this.received(data)) : args));
    this.open.add(socket);
    socket.once('close', () => this.open.delete(socket));
    return socket;
  };

  /** Cuts every connection, and refuses new ones until `restore`. */
  sever(): void {
    this.severed = true;
    for (const socket of this.open) socket.destroy(new Error('severed'));
  }

  restore(): void {
    this.severed = false;
  }

  /** Makes the next answer unreadable: eight bytes in the place of its contents. */
  garbleNext(): void {
    this.garbling = true;
  }

  private received(data: unknown): unknown {
    if (!Buffer.isBuffer(data)) return data;
    this.receivedBytes += data.length;
    this.receivedPieces += 1;
    if (!this.garbling || data.length < 8) return data;
    this.garbling = false;
    return Buffer.concat([Buffer.from([0, 0, 0, 12]), data.subarray(4, 8), Buffer.alloc(8, 0x7f)]);
  }
}

function refusing(): Socket {
  const socket = new Socket();
  queueMicrotask(() => socket.destroy(new Error('severed')));
  return socket;
}
