import { Inject, Injectable } from '@nestjs/common';
import type { SequencedRecord } from '@sallyport/audit';
import type { DataSource } from 'typeorm';

import { PART } from '../../../platform/parts.js';

/** Records of one start of a worker that were not stored although later ones were. */
export interface AuditHole {
  readonly incarnation: string;
  /** The first that is missing. */
  readonly fromSeq: number;
  /** The last that is missing. */
  readonly toSeq: number;
}

interface HoleRow {
  readonly incarnation: string;
  /** PostgreSQL's bigint comes as text. */
  readonly from_seq: string;
  readonly to_seq: string;
}

const HOLES = 'SELECT incarnation, lower(hole) AS from_seq, upper(hole) - 1 AS to_seq FROM (SELECT incarnation, unnest(int8multirange(int8range(1, upper(stored))) - stored) AS hole';

const KNOWN = `SELECT given.place FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS given (incarnation, seq, place)
  JOIN audit_incarnations AS known ON known.incarnation = given.incarnation AND known.stored @> given.seq`;

/** Knows which records of each start of a worker are stored. */
@Injectable()
export class AuditSequences {
  constructor(@Inject(PART.dataSource) private readonly dataSource: DataSource) {}

  /**
   * Notes records as stored; noting again changes nothing.
   *
   * @returns The holes of the starts named.
   */
  async note(batch: readonly SequencedRecord[]): Promise<readonly AuditHole[]> {
    const ranges = rangesOf(batch);
    const columns = [ranges.map((range) => range.incarnation), ranges.map((range) => range.fromSeq), ranges.map((range) => range.toSeq)];
    const rows = await this.dataSource.query<HoleRow[]>(
      `WITH noted AS (
         INSERT INTO audit_incarnations AS known (incarnation, stored, stored_at)
         SELECT incarnation, range_agg(int8range(from_seq, to_seq, '[]')), now()
         FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS given (incarnation, from_seq, to_seq) GROUP BY incarnation
         ON CONFLICT (incarnation) DO UPDATE SET stored = known.stored + excluded.stored, stored_at = excluded.stored_at
         RETURNING incarnation, stored
       ) ${HOLES} FROM noted) AS holes`,
      columns,
    );
    return rows.map(holeOf);
  }

  /** Those of a batch that were never noted as stored, in their order. What was stays known after what it told was swept away. */
  async unknown<Of extends { readonly sequenced: SequencedRecord }>(batch: readonly Of[]): Promise<readonly Of[]> {
    if (batch.length === 0) return batch;
    const columns = [batch.map(({ sequenced }) => sequenced.incarnation), batch.map(({ sequenced }) => sequenced.localSeq)];
    const known = await this.dataSource.query<{ place: string }[]>(KNOWN, columns);
    const places = new Set(known.map(({ place }) => Number(place) - 1));
    return batch.filter((_, index) => !places.has(index));
  }

  /** Every hole there is, the newest starts first. */
  async holes(limit: number): Promise<readonly AuditHole[]> {
    const rows = await this.dataSource.query<HoleRow[]>(`${HOLES} FROM audit_incarnations) AS holes ORDER BY incarnation DESC, from_seq LIMIT $1`, [limit]);
    return rows.map(holeOf);
  }

  /** How many records are missing in all. */
  async missing(): Promise<number> {
    const [row] = await this.dataSource.query<{ missing: string | null }[]>(`SELECT sum(to_seq - from_seq + 1) AS missing FROM (${HOLES} FROM audit_incarnations) AS holes) AS all_holes`);
    return Number(row?.missing ?? 0);
  }
}

/** A batch's places as ranges: records of a start that follow each other are one. */
function rangesOf(batch: readonly SequencedRecord[]): readonly AuditHole[] {
  const ranges: { incarnation: string; fromSeq: number; toSeq: number }[] = [];
  for (const { incarnation, localSeq } of batch) {
    const last = ranges.at(-1);
    if (last?.incarnation === incarnation && last.toSeq + 1 === localSeq) last.toSeq = localSeq;
    else ranges.push({ incarnation, fromSeq: localSeq, toSeq: localSeq });
  }
  return ranges;
}

function holeOf(row: HoleRow): AuditHole {
  return { incarnation: row.incarnation, fromSeq: Number(row.from_seq), toSeq: Number(row.to_seq) };
}
