import { OrderedQueue } from './ordered-queue.js';

/** Whether an identity bears a mark. */
export type Borne = 'yes' | 'no' | 'perhaps';

interface Kept {
  surelyUntilMs: number;
  perhapsUntilMs: number;
}

/** When a mark is left by a call of `atMs`, and until when it is kept at the latest. */
export interface LeftMark {
  readonly atMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly isSure: boolean;
}

/** The marks of flows over calls in the order of time. */
export class ReplayedMarks {
  private readonly kept = new Map<string, Kept>();
  private readonly coming = new OrderedQueue<Pick<LeftMark, 'untilMs' | 'isSure'> & { readonly key: string }>();

  /** @param knownFromMs Since when every call is replayed; marks left earlier are not known for as long as they could be kept. */
  constructor(private knownFromMs: number) {}

  /** From now on, marks that may have been left before a time are not known. */
  forgetBefore(ms: number): void {
    this.knownFromMs = Math.max(this.knownFromMs, ms);
  }

  /** Whether an identity bears a mark, which flows keep for at most so long. */
  borne(identityId: string, mark: string, at: { readonly atMs: number; readonly longestMs: number }): Borne {
    this.arrive(at.atMs);
    const kept = this.kept.get(keyOf(identityId, mark));
    if (kept !== undefined && at.atMs < kept.surelyUntilMs) return 'yes';
    const isOld = at.atMs - at.longestMs < this.knownFromMs;
    return isOld || (kept !== undefined && at.atMs < kept.perhapsUntilMs) ? 'perhaps' : 'no';
  }

  /** Leaves a mark from a time on, surely or perhaps; a longer one that is kept already stays. A call of that very time perhaps finds it. */
  leave(identityId: string, mark: string, { atMs, fromMs, untilMs, isSure }: LeftMark): void {
    this.arrive(atMs);
    const key = keyOf(identityId, mark);
    this.coming.add(fromMs, { key, untilMs, isSure: false });
    if (isSure) this.coming.add(fromMs + 1, { key, untilMs, isSure });
  }

  private arrive(atMs: number): void {
    for (let due = this.coming.takeDue(atMs); due !== undefined; due = this.coming.takeDue(atMs)) {
      const kept = this.kept.get(due.key) ?? { surelyUntilMs: -Infinity, perhapsUntilMs: -Infinity };
      kept.perhapsUntilMs = Math.max(kept.perhapsUntilMs, due.untilMs);
      if (due.isSure) kept.surelyUntilMs = Math.max(kept.surelyUntilMs, due.untilMs);
      this.kept.set(due.key, kept);
    }
  }
}

function keyOf(identityId: string, mark: string): string {
  return `${identityId}\n${mark}`;
}
