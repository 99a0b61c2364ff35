/** A journal's figures at one moment. */
export interface JournalStats {
  /** Records not written yet. */
  readonly queuedRecords: number;
  /** Disk taken up by records that are not yet shipped, whole segments for all but the current one, bytes. */
  readonly usedBytes: number;
  /** Where decisions begin to be refused, bytes. */
  readonly maxBytes: number;
  /** Writes since the journal was opened; `records / batches` is what group commit saves. */
  readonly batches: number;
  /** Records written since the journal was opened. */
  readonly records: number;
  /** Admitted calls without an end. */
  readonly unendedDecisions: number;
  readonly liveSegments: number;
  readonly freeSegments: number;
  /** Shipments in a row that the bus refused. */
  readonly shippingFailures: number;
  /** Decisions refused because the journal was full, since it was opened. */
  readonly refusedDecisions: number;
  /** Notes given up for want of room, since it was opened. */
  readonly droppedNotes: number;
  /** Whether nothing is kept any more: failed or closed. */
  readonly isBroken: boolean;
}
