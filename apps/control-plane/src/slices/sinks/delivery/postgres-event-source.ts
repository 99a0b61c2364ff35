import { Inject, Injectable } from '@nestjs/common';
import type { StoredEvent } from '@sallyport/audit-event';
import { branded, type OrganisationId, type Scheduler } from '@sallyport/kernel';
import type { EventPage, EventSource, ReadBounds } from '@sallyport/sinks';
import type { EntityManager } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { readCheckpoint } from '../../audit/sign/checkpoint-store.js';
import { readHead, streamOf } from '../../audit/store/audit-head.js';
import { AuditHub } from '../../audit/store/audit-hub.js';

/** How long what another process stored goes unnoticed at most, milliseconds. */
const LOOK_AGAIN_MS = 250;

interface EventRow {
  readonly seq: string;
  readonly event_id: string;
  readonly type: string;
  readonly outcome: string | null;
  readonly hash: Buffer;
  readonly line: string;
}

/** Reads organisations' audit streams for exporters. A stream's name is its organisation's id. */
@Injectable()
export class PostgresEventSource implements EventSource {
  constructor(
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(AuditHub) private readonly hub: AuditHub,
    @Inject(PART.scheduler) private readonly scheduler: Scheduler,
  ) {}

  read(stream: string, after: number, bounds: ReadBounds): Promise<EventPage> {
    const organisationId = branded<OrganisationId>(stream);
    return this.reader.read(organisationId, async (rows) => {
      const head = await readHead(rows, organisationId);
      if (head === undefined) return { events: [], oldest: 1, newest: 0 };
      const { size, oldestSeq } = head;
      const from = Math.max(after, oldestSeq - 1);
      return { events: from >= size ? [] : await selectEvents(rows, organisationId, { after: from, upTo: size }, bounds), oldest: oldestSeq, newest: size };
    });
  }

  checkpoint(stream: string): Promise<string | null> {
    const organisationId = branded<OrganisationId>(stream);
    return this.reader.read(organisationId, async (rows) => (await readCheckpoint(rows, organisationId))?.note ?? null);
  }

  /** Tells of what this process stored at once, and has readers look again for what others did. */
  watch(stream: string, onMore: () => void): () => void {
    const stopListening = this.hub.listen((organisationId) => {
      if (streamOf(organisationId) === stream) onMore();
    });
    let callOff = (): void => undefined;
    const again = (): void => {
      callOff = this.scheduler.after(LOOK_AGAIN_MS, () => {
        onMore();
        again();
      });
    };
    again();
    return () => {
      stopListening();
      callOff();
    };
  }
}

/** Bytes are counted in the database, so that no more than the bound travels. */
async function selectEvents(rows: EntityManager, organisationId: OrganisationId, place: { readonly after: number; readonly upTo: number }, bounds: ReadBounds): Promise<readonly StoredEvent[]> {
  const found = await rows.query<EventRow[]>(
    `SELECT seq, event_id, type, outcome, hash, line FROM (
       SELECT seq, event_id, type, outcome, hash, line, sum(octet_length(line)) OVER (ORDER BY seq) AS bytes, row_number() OVER (ORDER BY seq) AS n
       FROM (SELECT * FROM audit_events WHERE organisation_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4) AS page
     ) AS counted WHERE bytes <= $5 OR n = 1 ORDER BY seq`,
    [organisationId, place.after, place.upTo, bounds.maxEvents, bounds.maxBytes],
  );
  return found.map((row) => storedOf(organisationId, row));
}

const TIME = /"time":"([^"]{27})"/;

function storedOf(organisationId: OrganisationId, row: EventRow): StoredEvent {
  return {
    stream: streamOf(organisationId),
    seq: Number(row.seq),
    eventId: row.event_id,
    type: row.type,
    outcome: row.outcome,
    time: TIME.exec(row.line.slice(row.line.lastIndexOf('"time":"')))?.[1] ?? '',
    hash: row.hash.toString('hex'),
    line: row.line,
  };
}
