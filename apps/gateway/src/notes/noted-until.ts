import { LRUCache } from 'lru-cache';

/** Remembers of a bounded number of things until when they need not be noted again; one that was forgotten is noted once more. */
export class NotedUntil {
  private readonly ends: LRUCache<string, number>;

  constructor(most: number) {
    this.ends = new LRUCache({ max: most });
  }

  /** Whether this is the first time since its last `untilMs` passed. A later end replaces the one before. */
  isNew(key: string, nowMs: number, untilMs: number): boolean {
    const before = this.ends.get(key) ?? 0;
    if (untilMs > before) this.ends.set(key, untilMs);
    return before <= nowMs;
  }
}
