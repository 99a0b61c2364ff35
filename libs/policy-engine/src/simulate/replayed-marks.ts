/** Whether an identity bears a mark. */
export type Borne = 'yes' | 'no' | 'perhaps';

interface Kept {
  surelyUntilMs: number;
  perhapsUntilMs: number;
}

/** The marks of flows over calls in the order of time. */
export class ReplayedMarks {
  private readonly kept = new Map<string, Kept>();

  /** @param knownFromMs Since when every call is replayed; marks left earlier are not known for as long as they could be kept. */
  constructor(private knownFromMs: number) {}

  /** From now on, marks that may have been left before a time are not known. */
  forgetBefore(ms: number): void {
    this.knownFromMs = Math.max(this.knownFromMs, ms);
  }

  /** Whether an identity bears a mark, which flows keep for at most so long. */
  borne(identityId: string, mark: string, at: { readonly atMs: number; readonly longestMs: number }): Borne {
    const kept = this.kept.get(`${identityId}\n${mark}`);
    if (kept !== undefined && at.atMs < kept.surelyUntilMs) return 'yes';
    const isOld = at.atMs - at.longestMs < this.knownFromMs;
    return isOld || (kept !== undefined && at.atMs < kept.perhapsUntilMs) ? 'perhaps' : 'no';
  }

  /** Leaves a mark from a time on, surely or perhaps; a longer one that is kept already stays. */
  leave(identityId: string, mark: string, until: { readonly ms: number; readonly isSure: boolean }): void {
    const key = `${identityId}\n${mark}`;
    const kept = this.kept.get(key) ?? { surelyUntilMs: -Infinity, perhapsUntilMs: -Infinity };
    kept.perhapsUntilMs = Math.max(kept.perhapsUntilMs, until.ms);
    if (until.isSure) kept.surelyUntilMs = Math.max(kept.surelyUntilMs, until.ms);
    this.kept.set(key, kept);
  }
}
