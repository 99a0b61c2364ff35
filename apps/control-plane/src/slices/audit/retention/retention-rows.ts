import type { EpochMs, OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

/** How long an organisation's events are kept. */
export interface Retention {
  /** `null`: for good. */
  readonly days: number | null;
  /** Nothing is removed, whatever the days. */
  readonly legalHold: boolean;
  readonly holdReason: string | null;
}

/** What holds where nobody said anything. */
export const KEPT_FOR_GOOD: Retention = { days: null, legalHold: false, holdReason: null };

interface RetentionRow {
  readonly days: number | null;
  readonly legal_hold: boolean;
  readonly hold_reason: string | null;
}

/** What holds for an organisation. */
export async function readRetention(manager: EntityManager, organisationId: OrganisationId): Promise<Retention> {
  const [row] = await manager.query<RetentionRow[]>('SELECT days, legal_hold, hold_reason FROM audit_retention WHERE organisation_id = $1', [organisationId]);
  return row === undefined ? KEPT_FOR_GOOD : { days: row.days, legalHold: row.legal_hold, holdReason: row.hold_reason };
}

/** Keeps what holds from now on. */
export async function keepRetention(manager: EntityManager, organisationId: OrganisationId, { days, legalHold, holdReason }: Retention, at: EpochMs): Promise<void> {
  await manager.query(
    `INSERT INTO audit_retention (organisation_id, days, legal_hold, hold_reason, changed_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (organisation_id) DO UPDATE SET days = excluded.days, legal_hold = excluded.legal_hold, hold_reason = excluded.hold_reason, changed_at = excluded.changed_at`,
    [organisationId, days, legalHold, holdReason, new Date(at).toISOString()],
  );
}
