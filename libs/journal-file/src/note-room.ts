/** Of the journal's bound, what notes that wait to be shipped may take up. */
const NOTE_SHARE = 1 / 16;
/** Notes are given up once the journal is fuller than this: the rest belongs to decisions. */
const FULL_FOR_NOTES = 3 / 4;
/** The largest note that is taken, bytes. */
const LARGEST_NOTE_BYTES = 16_384;
/** Notes are forgotten in pieces of about this size, bytes: so many pieces, not notes, are remembered. */
const PIECE_BYTES = 65_536;

interface Piece {
  lastSeq: number;
  bytes: number;
}

/** How much room notes take up in a journal, and how many found none. Notes of earlier openings are not counted. */
export class NoteRoom {
  private queuedBytes = 0;
  private pieces: Piece[] = [];
  private keptBytes = 0;
  private dropped = 0;

  constructor(private readonly maxBytes: number) {}

  /** Notes that were given up since the journal was opened. */
  get droppedCount(): number {
    return this.dropped;
  }

  /** Takes room for a note, if there is any. `wantedBytes`: what the journal would hold with it. */
  take(bytes: number, wantedBytes: number): boolean {
    const isTooMuch = this.queuedBytes + this.keptBytes + bytes > this.maxBytes * NOTE_SHARE;
    if (isTooMuch || bytes > LARGEST_NOTE_BYTES || wantedBytes > this.maxBytes * FULL_FOR_NOTES) {
      this.dropped += 1;
      return false;
    }
    this.queuedBytes += bytes;
    return true;
  }

  /** A note that had room is written, as number `seq`. */
  kept(seq: number, bytes: number): void {
    this.queuedBytes -= bytes;
    this.keptBytes += bytes;
    const last = this.pieces.at(-1);
    if (last === undefined || last.bytes >= PIECE_BYTES) this.pieces.push({ lastSeq: seq, bytes });
    else {
      last.lastSeq = seq;
      last.bytes += bytes;
    }
  }

  /** A note that had room could not be written, and is gone. */
  lost(bytes: number): void {
    this.queuedBytes -= bytes;
    this.dropped += 1;
  }

  /** Everything up to number `seq` is stored on the other side of the bus. */
  shippedThrough(seq: number): void {
    while (this.pieces[0] !== undefined && this.pieces[0].lastSeq <= seq) this.keptBytes -= this.pieces.shift()?.bytes ?? 0;
  }
}
