import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What a network does to the bytes of a connection, each way. Bytes are never lost, reordered or changed: TCP sees to that. */
export type LineFault =
  | { readonly kind: 'none' }
  /** Everything arrives so much later. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Nothing arrives, and nobody is told; what was sent arrives once this ends, as after a partition. */
  | { readonly kind: 'blackhole' }
  /** As a blackhole, and new connections are reset. */
  | { readonly kind: 'refused' }
  /** So many bytes arrive at a time, with a pause between. */
  | { readonly kind: 'trickle'; readonly bytes: number; readonly everyMs: number }
  /** No more than so much a second. */
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number };

/** Largest piece that goes over a narrow line at once. */
const PIECE_BYTES = 1_024;

/** One direction of a connection. Reads no faster than it may write, so that a slow line pushes back. */
export class Passage {
  private changed = (): void => undefined;
  private isEnded = false;
  private isHolding = false;
  /** Resolves when all that is under way has arrived. */
  private arrivals: Promise<void> = Promise.resolve();

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private fault: LineFault,
  ) {
    void this.run();
  }

  /** What happens from now on; bytes that are held back go on under it. */
  set(fault: LineFault): void {
    this.fault = fault;
    this.changed();
  }

  /** Whether bytes, or the end of them, came and are held back. */
  get holds(): boolean {
    return this.isHolding;
  }

  /** Nothing passes any more. */
  end(): void {
    this.isEnded = true;
    this.changed();
  }

  private async run(): Promise<void> {
    try {
      for await (const chunk of this.from.iterator({ destroyOnReturn: false })) await this.take(chunk as Buffer);
      await this.arrivals;
      await this.whileHeld();
      if (!this.isEnded) this.to.end();
    } catch {
      this.to.destroy(); // the line broke: its owner resets both ends
    }
  }

  private async take(chunk: Buffer): Promise<void> {
    await this.whileHeld();
    const { fault } = this;
    if (fault.kind === 'latency') return this.deliverLater(chunk, fault.ms);
    await this.arrivals;
    if (fault.kind === 'trickle') return this.inPieces(chunk, fault.bytes, fault.everyMs);
    if (fault.kind === 'bandwidth') return this.inPieces(chunk, PIECE_BYTES, (PIECE_BYTES / fault.bytesPerSecond) * 1_000);
    await this.write(chunk);
  }

  private deliverLater(chunk: Buffer, ms: number): void {
    const before = this.arrivals;
    this.arrivals = pause(ms).then(async () => {
      await before;
      await this.whileHeld();
      await this.write(chunk);
    });
    this.arrivals.catch(() => undefined); // told when the next piece waits for it
  }

  private async inPieces(chunk: Buffer, bytes: number, everyMs: number): Promise<void> {
    for (let at = 0; at < chunk.length && !this.isEnded; at += bytes) {
      await this.whileHeld();
      await this.write(chunk.subarray(at, at + bytes));
      await pause(everyMs);
    }
  }

  private async whileHeld(): Promise<void> {
    while (!this.isEnded && (this.fault.kind === 'blackhole' || this.fault.kind === 'refused')) {
      this.isHolding = true;
      await new Promise<void>((resolve) => {
        this.changed = resolve;
      });
    }
    this.isHolding = false;
  }

  private async write(chunk: Buffer): Promise<void> {
    if (this.isEnded || this.to.destroyed || this.to.write(chunk)) return;
    await new Promise<void>((resolve) => {
      for (const event of ['drain', 'close']) this.to.once(event, resolve);
    });
  }
}
