/** One line of a file, without its line feed. */
export interface FileLine {
  readonly bytes: Uint8Array;
  /** False for the last line of a file that was cut. */
  readonly isEnded: boolean;
  /** The line is longer than any event may be; `bytes` is its beginning. */
  readonly isTooLong: boolean;
}

/** Longer than any line that is written: an event has at most 64 KiB, a trailer some KiB of proof and keys. */
export const MAX_FILE_LINE_BYTES = 1_048_576;

const LINE_FEED = 0x0a;

/** Cuts a stream of bytes into lines, holding at most one line and one chunk. */
export class LineSplitter {
  private held: Uint8Array[] = [];
  private heldBytes = 0;

  /** The lines that end within this chunk. They may share its memory. */
  *push(chunk: Uint8Array): Generator<FileLine> {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      yield this.take(chunk.subarray(from, at), true);
      from = at + 1;
    }
    if (from < chunk.length) this.hold(chunk.subarray(from));
  }

  /** What is left at the end: a line that nobody ended, if there is one. */
  *end(): Generator<FileLine> {
    if (this.heldBytes > 0) yield this.take(new Uint8Array(0), false);
  }

  private take(rest: Uint8Array, isEnded: boolean): FileLine {
    this.hold(rest);
    const bytes = this.held.length === 1 && this.held[0] !== undefined ? this.held[0] : joined(this.held);
    const isTooLong = this.heldBytes > MAX_FILE_LINE_BYTES;
    this.held = [];
    this.heldBytes = 0;
    return { bytes, isEnded, isTooLong };
  }

  private hold(part: Uint8Array): void {
    if (this.heldBytes <= MAX_FILE_LINE_BYTES && (part.length > 0 || this.held.length === 0)) this.held.push(part);
    this.heldBytes += part.length;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
