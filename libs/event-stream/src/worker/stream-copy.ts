import { Fault } from '@sallyport/kernel';

import type { WholeRecord } from './record-gate.js';
import type { StreamCache } from './stream-cache.js';
import { streamFault } from './stream-faults.js';

/** A stamp is kept this often, milliseconds of its own time: how old a worker without a broker may believe its state to be. */
const STAMP_EVERY_MS = 5_000;
/** So much behind the snapshots, and a new copy is made. */
const FULL_BYTES = 32 * 1024 * 1024;

/**
 * What a follower keeps of the stream in its cache: the snapshots it read, the frontier, and every event after it, once each and
 * without a gap. A cache that cannot be kept is given up with a line in the log; following goes on.
 */
export class StreamCopy {
  /** The newest position that the copy holds; `undefined` while it is not complete. */
  private position: number | undefined;
  private stampedMs = 0;

  constructor(
    private readonly cache: StreamCache | null,
    private readonly onFault: (fault: Fault) => void,
  ) {}

  /** Whether there is so much behind the snapshots that a new copy would be shorter. */
  get isFull(): boolean {
    return this.position !== undefined && (this.cache?.tailBytes ?? 0) > FULL_BYTES;
  }

  /**
   * Reads the copy that is there.
   *
   * @param take Takes records in order; false where one of them is not genuine, which ends the reading.
   * @returns `damaged` when it was not read to its end, which the log is told.
   */
  async read(take: (records: readonly WholeRecord[]) => boolean): Promise<'whole' | 'damaged'> {
    if (this.cache === null) return 'whole';
    try {
      for await (const records of this.cache.read()) if (!take(records)) throw streamFault.bad_cache('a record of the copy is not genuine');
      return 'whole';
    } catch (caught) {
      this.onFault(caught instanceof Fault ? caught : streamFault.bad_cache('the copy of the stream cannot be read', {}, caught));
      return 'damaged';
    }
  }

  /** Goes on adding to the copy that was read whole, up to a position. */
  resume(position: number): void {
    this.guarded((cache) => {
      cache.resume();
      this.position = position;
    });
  }

  /** Begins anew, in front of snapshots. */
  begin(): void {
    this.position = undefined;
    this.guarded((cache) => cache.begin());
  }

  /** Keeps a record in front of the frontier, or a key. */
  add(record: WholeRecord): void {
    this.guarded((cache) => cache.add(record));
  }

  /** The frontier ends the snapshots: from here on the copy can be started from. */
  finish(frontier: WholeRecord, position: number): void {
    this.guarded((cache) => {
      cache.add(frontier);
      cache.commit();
      this.position = position;
    });
  }

  /** Keeps an event if it is the copy's next one. */
  addEvent(record: WholeRecord, position: number): void {
    if (this.position === undefined || position !== this.position + 1) return;
    this.add(record);
    this.position = position;
  }

  /** Keeps a stamp now and then. */
  addStamp(record: WholeRecord, stampedMs: number): void {
    if (this.position === undefined || stampedMs - this.stampedMs < STAMP_EVERY_MS) return;
    this.add(record);
    this.stampedMs = stampedMs;
  }

  flush(): void {
    this.guarded((cache) => cache.flush());
  }

  close(): void {
    this.guarded((cache) => cache.close());
  }

  private guarded(work: (cache: StreamCache) => void): void {
    if (this.cache === null) return;
    try {
      work(this.cache);
    } catch (caught) {
      this.position = undefined;
      this.cache.abandon();
      this.onFault(streamFault.bad_cache('the copy of the stream cannot be kept', {}, caught));
    }
  }
}
