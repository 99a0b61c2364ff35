import type { OrganisationId } from '@sallyport/kernel';
import { eventsInGaps, freshProgress, type SinkProgress } from '@sallyport/sinks';
import type { EntityManager } from 'typeorm';

import type { SinkFigure } from '../../../platform/telemetry/sink-metrics.js';

interface FigureRow {
  readonly slug: string;
  readonly sink_id: string;
  readonly name: string;
  readonly after_seq: string;
  readonly progress: string | null;
  readonly waiting: number;
  readonly newest: string;
  readonly oldest_at: Date | null;
}

/** What was sent so far of a sink that acknowledges nothing is above its cursor. */
const SENT = `greatest(coalesce(deliveries.cursor, sinks.after_seq), coalesce((deliveries.progress::json->>'sent')::bigint, 0))`;

const SELECT_FIGURES = `
  SELECT organisations.slug, sinks.sink_id, sinks.name, sinks.after_seq, deliveries.progress, coalesce(heads.size, 0) AS newest, oldest.at AS oldest_at,
         (SELECT count(*)::int FROM sink_dead_letters AS letters
          WHERE letters.organisation_id = $1 AND letters.sink_id = sinks.sink_id AND letters.state = 'waiting') AS waiting
  FROM sinks
  JOIN organisations USING (organisation_id)
  LEFT JOIN sink_deliveries AS deliveries ON deliveries.organisation_id = $1 AND deliveries.sink_id = sinks.sink_id
  LEFT JOIN audit_heads AS heads ON heads.organisation_id = $1
  LEFT JOIN LATERAL (SELECT at FROM audit_events WHERE organisation_id = $1 AND seq > ${SENT} AND seq <= heads.size ORDER BY seq LIMIT 1) AS oldest ON true
  WHERE sinks.organisation_id = $1 AND sinks.confirmed IS NOT NULL`;

/** How an organisation's confirmed sinks stand, from what is kept of them and the stream. */
export async function selectFigures(rows: EntityManager, organisationId: OrganisationId, nowMs: number): Promise<readonly SinkFigure[]> {
  const found = await rows.query<FigureRow[]>(SELECT_FIGURES, [organisationId]);
  return found.map((row) => figureOf(row, nowMs));
}

function figureOf(row: FigureRow, nowMs: number): SinkFigure {
  const progress = row.progress === null ? freshProgress(Number(row.after_seq), nowMs, '') : (JSON.parse(row.progress) as SinkProgress);
  const { counters, cursor, sent, state, pending } = progress;
  const oldestUndeliveredMs = row.oldest_at?.getTime() ?? null;
  return {
    ...{ organisation: row.slug, sink: row.name, sinkId: row.sink_id, state },
    lagEvents: Math.max(Number(row.newest) - Math.max(cursor, sent), 0),
    lagSeconds: oldestUndeliveredMs === null ? 0 : Math.max((nowMs - oldestUndeliveredMs) / 1_000, 0),
    oldestUndeliveredMs,
    waitingDeadLetters: row.waiting,
    attempts: counters.attempts,
    failedAttempts: counters.failedAttempts,
    delivered: counters.delivered,
    deadLettered: counters.deadLettered,
    gapEvents: counters.gapEvents + eventsInGaps(pending),
  };
}
