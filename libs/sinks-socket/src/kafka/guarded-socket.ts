import { Socket } from 'node:net';

import type { GuardedNetwork, NetworkRefusal, NetworkTarget } from '@sallyport/sinks';

/** Who hears how opening ended. */
export interface Opening {
  connected(): void;
  refused(refusal: NetworkRefusal): void;
}

/**
 * A socket that is there at once, as kafkajs wants it, while its connection is made by the guarded network behind it. It has no handle of its own:
 * what is written goes on to the connection, what comes is pushed, and each ends the other.
 */
export class GuardedSocket extends Socket {
  private readonly stop = new AbortController();
  private inner: Socket | null = null;

  constructor(network: GuardedNetwork, target: NetworkTarget, opening: Opening) {
    super();
    void this.open(network, target, opening);
  }

  override _read(): void {
    this.inner?.resume();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (this.inner === null) callback(new Error('there is no connection yet'));
    else this.inner.write(chunk, callback);
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], callback: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk, encoding }) => (typeof chunk === 'string' ? Buffer.from(chunk, encoding) : (chunk as Uint8Array)))), 'utf8', callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.inner?.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.stop.abort();
    this.inner?.destroy();
    callback(error);
  }

  private async open(network: GuardedNetwork, target: NetworkTarget, opening: Opening): Promise<void> {
    const opened = await network.connect(target, this.stop.signal);
    if (!opened.ok) {
      opening.refused(opened.refusal);
      this.destroy(new Error(opened.refusal.message));
      return;
    }
    if (this.destroyed) opened.value.destroy();
    else this.join(opened.value, opening);
  }

  private join(inner: Socket, opening: Opening): void {
    this.inner = inner;
    inner.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
    inner.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) inner.pause();
    });
    // With an error, since kafkajs does not hear a mere close.
    inner.on('end', () => this.destroy(new Error('the broker closed the connection')));
    inner.on('close', () => this.destroy(new Error('the connection was closed')));
    inner.on('error', (error) => this.destroy(error));
    opening.connected();
  }
}

const KEEP_ALIVE_MS = 10_000;
