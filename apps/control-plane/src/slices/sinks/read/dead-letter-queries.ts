import type { DeadLetter, DeadLetterState } from '@sallyport/sinks';
import type { EntityManager } from 'typeorm';

import { connectionOf, pageSize, readCursor, type Connection } from '../../../platform/graphql/page.js';
import type { PageArgs } from '../../past/read-point.js';
import { selectDeadLetters } from '../delivery/dead-letter-rows.js';
import type { SinkRow } from './sink-row.entity.js';

/** GraphQL's `DeadLetter`. */
export type DeadLetterNode = ReturnType<typeof letterToGraphql>;

/** A page of a sink's dead letters, with the events where the stream still has them. */
export async function deadLetterPage(rows: EntityManager, row: SinkRow, page: PageArgs & { readonly state?: DeadLetterState | null }): Promise<Connection<DeadLetterNode>> {
  const first = pageSize(page.first);
  const [after] = readCursor(page.after, 1) ?? [];
  const afterSeq = Math.max(0, Math.trunc(Number(after ?? 0)) || 0);
  const letters = await selectDeadLetters(rows, row, { state: page.state ?? null, afterSeq, limit: first + 1 });
  const found = await rows.query<{ seq: string; line: string }[]>('SELECT seq, line FROM audit_events WHERE organisation_id = $1 AND seq = ANY($2::bigint[])', [
    row.organisationId,
    letters.map(({ seq }) => seq),
  ]);
  const lines = new Map(found.map(({ seq, line }) => [Number(seq), line]));
  return connectionOf(letters, first, { place: (letter) => [letter.seq], node: (letter) => letterToGraphql(letter, lines.get(letter.seq)) });
}

function letterToGraphql(letter: DeadLetter, line: string | undefined) {
  const { seq, eventId, type, reason, atMs, state, settledAtMs, settledBy } = letter;
  const event: unknown = line === undefined ? null : JSON.parse(line);
  return { seq, eventId, type, reason, at: new Date(atMs), state, settledAt: settledAtMs === null ? null : new Date(settledAtMs), settledBy, event };
}
