import type { Decimal } from '@sallyport/kernel';

import { SpentUnits } from './spent-units.js';

/** Entries that a log keeps to the millisecond; beyond, entries end at the next 4,096th part of the log's length. */
export const EXACT_ENTRIES = 4_096;

/**
 * What one counter took over the time just past: every amount with the instant at which it stops counting. Amounts that end
 * together are one entry. A log of more than 4,096 entries lets further ones end up to a 4,096th of its length later, which never
 * admits more and bounds the log at twice as many.
 */
export class SlidingLog {
  private readonly total = new SpentUnits();
  private readonly spentByEnd = new Map<number, SpentUnits>();
  /** The entries' ends, ascending from `first` on. */
  private readonly ends: number[] = [];
  private first = 0;

  constructor(private readonly lengthMs: number) {}

  /** Entries held. */
  get size(): number {
    return this.spentByEnd.size;
  }

  /** When the next entry stops counting; undefined when there is none. */
  get nextEndMs(): number | undefined {
    return this.ends[this.first];
  }

  /** Takes units that count until `endMs`, unless the sum at `atMs` would pass `max`. Whether it did. */
  takeWithin(units: Decimal, max: Decimal, { atMs, endMs }: { readonly atMs: number; readonly endMs: number }): boolean {
    this.drop(atMs);
    if (!this.total.addWithin(units, max)) return false;
    this.note(units, endMs);
    return true;
  }

  /** Counts units until `endMs`, whatever the sum. */
  add(units: Decimal, endMs: number): void {
    this.total.add(units);
    this.note(units, endMs);
  }

  /** Gives back units that would have counted until `endMs`; nothing when they no longer do. */
  giveBack(units: Decimal, endMs: number): void {
    const entry = this.spentByEnd.get(endMs) ?? this.spentByEnd.get(this.roundedUp(endMs));
    if (entry !== undefined) this.total.subtract(entry.subtract(units));
  }

  /** Drops what no longer counts at `atMs`. */
  drop(atMs: number): void {
    for (let endMs = this.nextEndMs; endMs !== undefined && endMs <= atMs; endMs = this.nextEndMs) {
      const entry = this.spentByEnd.get(endMs);
      if (entry !== undefined) this.total.subtract(entry.asDecimal());
      this.spentByEnd.delete(endMs);
      this.first += 1;
    }
    if (this.first < 1_024 || this.first * 2 < this.ends.length) return;
    this.ends.splice(0, this.first);
    this.first = 0;
  }

  private note(units: Decimal, exactEndMs: number): void {
    const endMs = this.size < EXACT_ENTRIES ? exactEndMs : this.roundedUp(exactEndMs);
    let entry = this.spentByEnd.get(endMs);
    if (entry === undefined) {
      entry = new SpentUnits();
      this.spentByEnd.set(endMs, entry);
      this.insert(endMs);
    }
    entry.add(units);
  }

  /** Ends come nearly in order, so the place is looked for from the back. */
  private insert(endMs: number): void {
    let index = this.ends.length;
    while (index > this.first && (this.ends[index - 1] ?? 0) > endMs) index -= 1;
    this.ends.splice(index, 0, endMs);
  }

  private roundedUp(endMs: number): number {
    const grainMs = Math.max(1, Math.ceil(this.lengthMs / EXACT_ENTRIES));
    return Math.ceil(endMs / grainMs) * grainMs;
  }
}
