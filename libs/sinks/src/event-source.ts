import type { StoredEvent } from '@sallyport/audit-event';

/** How much of a stream is read at once. */
export interface ReadBounds {
  readonly maxEvents: number;
  /** Bytes of lines; a page holds at least one event if there is one, however long it is. */
  readonly maxBytes: number;
}

/** Events of a stream in order of `seq`, without a gap between them, and what the stream held at that moment. */
export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** The oldest `seq` that is still stored; those below are past their retention. `newest + 1` when none is stored. */
  readonly oldest: number;
  /** The newest `seq` that was ever given; 0 before the first. */
  readonly newest: number;
}

/** Reads streams of audit events that are stored for good: what is read once never changes, and nothing appears below it. */
export interface EventSource {
  /**
   * The events after a `seq`. The first of them is `max(after + 1, oldest)`, so that a reader sees what it came too late for.
   *
   * @throws {Fault} when the store does not answer.
   */
  read(stream: string, after: number, bounds: ReadBounds): Promise<EventPage>;
  /** The newest signed checkpoint of the stream, a C2SP note; null before the first. @throws {Fault} when the store does not answer. */
  checkpoint(stream: string): Promise<string | null>;
  /**
   * Calls `onMore` soon after events were added to the stream, any number of them for one call. A hint that may be lost: readers look
   * again now and then. The answer ends it.
   */
  watch(stream: string, onMore: () => void): () => void;
}
