/** A record's place among all of a folder's records: `generation` counts the openings of the folder, `seq` is the record's `localSeq`. */
export interface JournalPosition {
  readonly generation: number;
  readonly seq: number;
}

/** Before every record. */
export const BEFORE_ALL: JournalPosition = { generation: 0, seq: 0 };

/** Whether `left` comes after `right`. */
export function isAfter(left: JournalPosition, right: JournalPosition): boolean {
  return left.generation > right.generation || (left.generation === right.generation && left.seq > right.seq);
}
