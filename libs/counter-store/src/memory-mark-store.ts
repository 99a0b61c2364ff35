import type { EpochMs } from '@sallyport/kernel';

import { counterFault } from './counter-store-faults.js';
import type { LeftMark, MarkStore } from './mark-store.js';

const MOST_MARKS = 1_000_000;
const SWEPT_PER_MARK = 4;
const NONE: readonly string[] = [];

/** Marks of one process. Answers at once. Has no timer: each mark left forgets a few that are over. */
export class MemoryMarkStore implements MarkStore {
  /** When each ends, Unix milliseconds, by bearer and mark; those left longest ago first. */
  private readonly ends = new Map<string, number>();

  constructor(private readonly mostMarks = MOST_MARKS) {}

  borne(bearer: string, marks: readonly string[], atMs: EpochMs): readonly string[] {
    if (this.ends.size === 0) return NONE;
    return marks.filter((mark) => (this.ends.get(nameOf(bearer, mark)) ?? 0) > atMs);
  }

  leave(bearer: string, marks: readonly LeftMark[], atMs: EpochMs): void {
    for (const { mark, seconds } of marks) {
      const name = nameOf(bearer, mark);
      const endMs = Math.max(this.ends.get(name) ?? 0, atMs + seconds * 1_000);
      this.forgetSome(atMs);
      this.ends.delete(name);
      if (this.ends.size >= this.mostMarks) throw counterFault.unavailable('there is no room for another mark');
      this.ends.set(name, endMs);
    }
  }

  private forgetSome(atMs: number): void {
    let looked = 0;
    for (const [name, endMs] of this.ends) {
      if (looked >= SWEPT_PER_MARK) return;
      looked += 1;
      this.ends.delete(name);
      if (endMs > atMs) this.ends.set(name, endMs);
    }
  }
}

/** Ids hold no line break. */
function nameOf(bearer: string, mark: string): string {
  return `${bearer}\n${mark}`;
}
