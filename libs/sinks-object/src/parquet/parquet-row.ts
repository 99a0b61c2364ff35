import type { JsonObject } from '@sallyport/kernel';
import type { OutgoingEvent } from '@sallyport/sinks';

import { EVENT_COLUMNS } from './event-columns.js';

/** An event as its row of a Parquet file, for people to look at: times as the event writes them, columns without a value left out. */
export function parquetRow(outgoing: OutgoingEvent): JsonObject {
  return Object.fromEntries(
    EVENT_COLUMNS.flatMap((column) => {
      const value = column.kind === 'text' ? column.of(outgoing.event, outgoing) : column.of(outgoing.event);
      return value === undefined ? [] : [[column.name, value] as const];
    }),
  );
}
