import { Injectable } from '@nestjs/common';
import type { OrganisationId } from '@sallyport/kernel';

/** The `seq` up to which a reader of an organisation's events has come; `null` where it reads none. */
export type LowestCursor = (organisationId: OrganisationId) => Promise<number | null>;

/**
 * Readers that have not come to the end yet, such as sinks: what they still have to read is not removed. A sink whose receiver was never
 * confirmed is no reader: left unconfirmed, it would keep events past their time for good. Confirmed later, it is told the gap.
 */
@Injectable()
export class CursorHolds {
  private readonly readers: LowestCursor[] = [];

  /** Has the sweep ask a reader. */
  add(reader: LowestCursor): void {
    this.readers.push(reader);
  }

  /** Up to where all have come; `null` where nobody reads. */
  async lowest(organisationId: OrganisationId): Promise<number | null> {
    const cursors = await Promise.all(this.readers.map((reader) => reader(organisationId)));
    const known = cursors.filter((cursor) => cursor !== null);
    return known.length === 0 ? null : Math.min(...known);
  }
}
