import type { EpochMs, OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

/** How long an organisation's events are kept. */
export interface Retention {
  /** `null`: for good. */
  readonly days: number | null;
  /** Nothing is removed, whatever the days. */
  readonly legalHold: boolean;
  readonly holdReason: string | null;
  /** Events whose time is over are removed although a sink has not got them. */
  readonly outrunSinks: boolean;
}

/** What holds where nobody said anything. */
export const KEPT_FOR_GOOD: Retention = { days: null, legalHold: false, holdReason: null, outrunSinks: false };

interface RetentionRow {
  readonly days: number | null;
  readonly legal_hold: boolean;
  readonly hold_reason: string | null;
  readonly outrun_sinks: boolean;
}

/** What holds for an organisation. */
export async function readRetention(manager: EntityManager, organisationId: OrganisationId): Promise<Retention> {
  const [row] = await manager.query<RetentionRow[]>('SELECT days, legal_hold, hold_reason, outrun_sinks FROM audit_retention WHERE organisation_id = $1', [organisationId]);
  return row === undefined ? KEPT_FOR_GOOD : { days: row.days, legalHold: row.legal_hold, holdReason: row.hold_reason, outrunSinks: row.outrun_sinks };
}

/** Keeps what holds from now on. */
export async function keepRetention(manager: EntityManager, organisationId: OrganisationId, { days, legalHold, holdReason, outrunSinks }: Retention, at: EpochMs): Promise<void> {
  await manager.query(
    `INSERT INTO audit_retention (organisation_id, days, legal_hold, hold_reason, outrun_sinks, changed_at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (organisation_id) DO UPDATE SET days = excluded.days, legal_hold = excluded.legal_hold, hold_reason = excluded.hold_reason, outrun_sinks = excluded.outrun_sinks, changed_at = excluded.changed_at`,
    [organisationId, days, legalHold, holdReason, outrunSinks, new Date(at).toISOString()],
  );
}
