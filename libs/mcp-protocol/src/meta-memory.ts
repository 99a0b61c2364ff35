import type { FrameMeta } from './frame.js';

/** What reading a `_meta` came to. */
export interface ReadMeta {
  readonly meta: FrameMeta;
  /** Whether it names the client, rightly or not: it then overrides what `params` says. */
  readonly namesClient: boolean;
  /** Keys in it, those of nested objects included. */
  readonly keys: number;
}

const MOST_BYTES = 1_024;

/**
 * The `_meta` of a sender's last message. Most senders say the same of themselves in every message, and reading it is a quarter of a small
 * message's scan. An object ends where it ends, whatever follows: the same bytes are the same object.
 *
 * One memory goes with one set of limits.
 */
export class MetaMemory {
  private source: Buffer | undefined;
  private read: ReadMeta | undefined;

  /** Bytes of the `_meta` remembered; 0 where there is none. */
  get bytes(): number {
    return this.source?.length ?? 0;
  }

  /** What is remembered, if the very same bytes stand at `at`. */
  recall(bytes: Buffer, at: number): ReadMeta | undefined {
    const { source } = this;
    if (source === undefined || at + source.length > bytes.length) return undefined;
    return bytes.compare(source, 0, source.length, at, at + source.length) === 0 ? this.read : undefined;
  }

  /** Remembers an object read without fault, `source` its bytes; copied. One that changes with every message (by a progress token) or is large is not worth it. */
  keep(source: Buffer, read: ReadMeta): void {
    if (source.length > MOST_BYTES || read.meta.progressToken !== null) return;
    this.source = Buffer.from(source);
    this.read = read;
  }
}
