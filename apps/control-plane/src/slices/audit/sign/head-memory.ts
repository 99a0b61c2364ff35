/** A head that was signed. */
export interface RememberedHead {
  readonly size: number;
  /** 64 hexadecimal digits. */
  readonly root: string;
}

/**
 * What was signed last of each stream, by origin, kept where nobody who writes to the database reaches: what contradicts it is
 * not signed. A database brought back from yesterday's copy contradicts it, and so does one that somebody shortened.
 */
export interface HeadMemory {
  /** `undefined` for a stream that was never signed from here. */
  recall(origin: string): RememberedHead | undefined;
  /** Every origin there is something of. */
  origins(): readonly string[];
  /** Keeps heads in place of what was kept of the same origins, and forgets others. Durable when it returns. */
  keep(heads: ReadonlyMap<string, RememberedHead>, forget?: readonly string[]): void;
}
