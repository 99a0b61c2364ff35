import type { StoredEvent } from '@sallyport/audit-event';

import type { EventPage, EventSource, ReadBounds } from '../event-source.js';

interface Stream {
  readonly events: StoredEvent[];
  first: number;
  checkpoint: string | null;
  readonly watchers: Set<() => void>;
}

/** Streams in memory, to which a test adds, and from which it takes what is past its retention. */
export class MemoryEventSource implements EventSource {
  private readonly streams = new Map<string, Stream>();

  async read(stream: string, after: number, bounds: ReadBounds): Promise<EventPage> {
    const { events, first } = this.stream(stream);
    const page: StoredEvent[] = [];
    let bytes = 0;
    for (let at = Math.max(after + 1 - first, 0); at < events.length && page.length < bounds.maxEvents; at += 1) {
      const event = events[at];
      if (event === undefined) break;
      bytes += Buffer.byteLength(event.line);
      if (page.length > 0 && bytes > bounds.maxBytes) break;
      page.push(event);
    }
    return { events: page, oldest: first, newest: first + events.length - 1 };
  }

  async checkpoint(stream: string): Promise<string | null> {
    return this.stream(stream).checkpoint;
  }

  watch(stream: string, onMore: () => void): () => void {
    const { watchers } = this.stream(stream);
    watchers.add(onMore);
    return () => watchers.delete(onMore);
  }

  /** The next `seq` of a stream. */
  next(stream: string): number {
    const { first, events } = this.stream(stream);
    return first + events.length;
  }

  /** Adds events, whose `seq` go on from `next`, and wakes those who watch. */
  add(stream: string, events: readonly StoredEvent[]): void {
    const held = this.stream(stream);
    held.events.push(...events);
    for (const wake of held.watchers) wake();
  }

  /** Takes away what is below a `seq`. */
  expire(stream: string, below: number): void {
    const held = this.stream(stream);
    held.events.splice(0, Math.max(below - held.first, 0));
    held.first = Math.max(below, held.first);
  }

  /** Signs a head, as far as exporters care. */
  sign(stream: string, note: string): void {
    this.stream(stream).checkpoint = note;
  }

  private stream(stream: string): Stream {
    const held = this.streams.get(stream) ?? { events: [], first: 1, checkpoint: null, watchers: new Set<() => void>() };
    this.streams.set(stream, held);
    return held;
  }
}
