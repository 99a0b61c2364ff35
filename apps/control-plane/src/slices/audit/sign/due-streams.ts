import { branded, type EpochMs, type OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

/** When heads are signed. */
export const SIGNING_PACE = {
  /** News are signed this long after the last checkpoint at the latest. */
  newsMs: 5_000,
  /** So many news are signed at once. */
  newsEvents: 1_000,
  /** A stream without news is examined and signed again after this. */
  idleMs: 60_000,
  /** The stream itself says how far it was signed this often, if there were news. */
  notedMs: 86_400_000,
  /** All streams' heads are signed together this often. */
  headListMs: 3_600_000,
  /** Old and new key sign together for this long. */
  overlapMs: 86_400_000,
} as const;

/** A stream that has to be signed now. */
export interface DueStream {
  readonly organisationId: OrganisationId;
  /** The key that the stream was told of last. */
  readonly keyId: string;
  readonly alarm: string | null;
  /** When the stream last said how far it was signed, and its size then; `null` before its first checkpoint. */
  readonly noted: { readonly at: EpochMs; readonly size: number } | null;
}

interface DueRow {
  readonly organisation_id: OrganisationId;
  readonly key_id: string;
  readonly alarm: string | null;
  readonly noted_at: Date | null;
  readonly noted_size: string | null;
}

/** Streams that are due at an instant, or every one. One that was signed later than now, by a clock that was set back since, is due. As the audit role. */
export async function dueStreams(manager: EntityManager, now: EpochMs, every: boolean): Promise<readonly DueStream[]> {
  const rows = await manager.query<DueRow[]>(
    `SELECT h.organisation_id, h.key_id, s.alarm, s.noted_at, s.noted_size FROM audit_heads h LEFT JOIN audit_signed s USING (organisation_id)
     WHERE h.size > 0 AND ($1 OR s.organisation_id IS NULL OR h.size < s.size OR h.news - s.size >= $3 OR s.signed_at <= $2::timestamptz - $5 * interval '1 ms'
        OR s.signed_at > $2::timestamptz OR (h.news > s.size AND s.signed_at <= $2::timestamptz - $4 * interval '1 ms'))
     ORDER BY h.organisation_id`,
    [every, new Date(now).toISOString(), SIGNING_PACE.newsEvents, SIGNING_PACE.newsMs, SIGNING_PACE.idleMs],
  );
  return rows.map((row) => ({ organisationId: row.organisation_id, keyId: row.key_id, alarm: row.alarm, noted: notedOf(row) }));
}

function notedOf({ noted_at: at, noted_size: size }: DueRow): DueStream['noted'] {
  return at === null || size === null ? null : { at: branded<EpochMs>(at.getTime()), size: Number(size) };
}
