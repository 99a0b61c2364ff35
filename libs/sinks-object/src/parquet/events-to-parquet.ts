import type { OutgoingEvent } from '@sallyport/sinks';
import { parquetWriteBuffer } from 'hyparquet-writer';

import { EVENT_COLUMNS, type EventColumn } from './event-columns.js';

type Schema = NonNullable<Parameters<typeof parquetWriteBuffer>[0]['schema']>;

/** A Parquet file of events, one row each, Snappy compressed. The same events give the same bytes: nothing of the time or the machine is in it. */
export function eventsToParquet(events: readonly OutgoingEvent[]): Buffer {
  const columnData = EVENT_COLUMNS.map((column) => ({ name: column.name, data: events.map((event) => cell(column, event)) }));
  return Buffer.from(parquetWriteBuffer({ schema: SCHEMA, columnData, createdBy: 'sallyport' }));
}

function cell(column: EventColumn, outgoing: OutgoingEvent): string | bigint | undefined {
  switch (column.kind) {
    case 'text':
      return column.of(outgoing.event, outgoing);
    case 'integer': {
      const value = column.of(outgoing.event);
      return value === undefined ? undefined : BigInt(value);
    }
    case 'time': {
      const value = column.of(outgoing.event);
      return value === undefined ? undefined : epochMicros(value);
    }
  }
}

/** Of RFC 3339 in UTC with six decimals. */
function epochMicros(time: string): bigint {
  return BigInt(Date.parse(`${time.slice(0, 23)}Z`)) * 1_000n + BigInt(time.slice(23, 26));
}

function elementOf({ name, kind }: EventColumn): Schema[number] {
  const place = { name, repetition_type: 'OPTIONAL' } as const;
  switch (kind) {
    case 'text':
      return { ...place, type: 'BYTE_ARRAY', converted_type: 'UTF8' };
    case 'integer':
      return { ...place, type: 'INT64' };
    case 'time':
      return { ...place, type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } };
  }
}

const SCHEMA: Schema = [{ name: 'events', num_children: EVENT_COLUMNS.length }, ...EVENT_COLUMNS.map(elementOf)];
