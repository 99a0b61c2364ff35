const HOUR_MS = 3_600_000;
/** Sources of one token that are told apart in an hour; further ones are not noted. */
const MOST_SOURCES = 256;
const NOWHERE = '';

/** Where one token was used from in this hour. Looking costs two comparisons where it comes from the same source again, and makes nothing. */
export class SeenSources {
  private hour = -1;
  private last: string | null = null;
  private others: Set<string> | null = null;

  /** Whether the token comes from this source for the first time in this hour. */
  isNew(source: string | null, nowMs: number): boolean {
    const from = source ?? NOWHERE;
    const hour = Math.floor(nowMs / HOUR_MS);
    if (hour === this.hour && from === this.last) return false;
    return this.isNewAmongOthers(from, hour);
  }

  private isNewAmongOthers(from: string, hour: number): boolean {
    if (hour !== this.hour) {
      this.hour = hour;
      this.last = from;
      this.others = null;
      return true;
    }
    this.others ??= new Set(this.last === null ? [] : [this.last]);
    this.last = from;
    if (this.others.has(from) || this.others.size >= MOST_SOURCES) return false;
    this.others.add(from);
    return true;
  }
}
