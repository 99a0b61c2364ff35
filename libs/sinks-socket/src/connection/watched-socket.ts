import type { Socket } from 'node:net';

/** A connection whose end is noticed when it comes, not when something is written next. */
export class WatchedSocket {
  private reason: string | null = null;
  private readonly listeners = new Set<() => void>();

  /** @param onData What the receiver says; nothing it says is kept here. */
  constructor(
    private readonly socket: Socket,
    onData: (chunk: Buffer) => void = () => undefined,
  ) {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', onData);
    socket.on('end', () => this.lose('the receiver closed the connection'));
    socket.on('error', (error: NodeJS.ErrnoException) => this.lose(`the connection broke (${codeOf(error)})`));
    socket.on('close', () => this.lose('the connection was closed'));
    if (socket.destroyed || socket.readableEnded) this.lose('the connection was closed');
  }

  /** Why it is of no more use; null while it is. */
  get lost(): string | null {
    return this.reason;
  }

  /** Calls once when it is lost, at once where it is already; the answer calls it off. */
  onLost(act: () => void): () => void {
    if (this.reason !== null) act();
    else this.listeners.add(act);
    return () => void this.listeners.delete(act);
  }

  /** Comes back when the system has taken the bytes, or the connection is lost. Says nothing of the receiver. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.reason !== null) return;
    await new Promise<void>((resolve) => {
      const callOff = this.onLost(resolve);
      this.socket.write(bytes, () => {
        callOff();
        resolve();
      });
    });
  }

  /** Breaks it, for a reason of ours. */
  destroy(reason: string): void {
    this.lose(reason);
    this.socket.destroy();
  }

  /** Ends it after what was written; what is not gone by `graceMs` later is dropped. */
  async end(graceMs: number): Promise<void> {
    if (this.reason === null) {
      this.lose('the connection was closed');
      await new Promise<void>((resolve) => {
        const patience = setTimeout(resolve, graceMs);
        this.socket.end(() => {
          clearTimeout(patience);
          resolve();
        });
      });
    }
    this.socket.destroy();
  }

  private lose(reason: string): void {
    if (this.reason !== null) return;
    this.reason = reason;
    for (const act of this.listeners) act();
    this.listeners.clear();
  }
}

/** Codes of the platform only: messages of errors hold addresses. */
function codeOf(error: NodeJS.ErrnoException): string {
  return error.code !== undefined && /^[A-Z0-9_]{1,60}$/.test(error.code) ? error.code : 'error';
}

const KEEP_ALIVE_MS = 10_000;
