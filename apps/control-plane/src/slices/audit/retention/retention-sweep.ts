import { Inject, Injectable } from '@nestjs/common';
import { branded, type Clock, type EpochMs, type OrganisationId } from '@sallyport/kernel';
import type { DataSource, EntityManager } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { NO_ORGANISATION } from '../store/audit-head.js';
import { AuditPartitions } from '../store/audit-partitions.js';
import { asAudit } from '../store/audit-role.js';
import { AuditTrail } from '../store/audit-trail.js';
import { ownFact } from '../store/own-fact.js';
import { CursorHolds } from './cursor-holds.js';
import { lastSeqBefore } from './last-seq-before.js';

const DAY_MS = 86_400_000;
/** Events removed by one statement. */
const REMOVED_AT_ONCE = 5_000;

/** How far an organisation's events may be removed. */
interface Past {
  readonly organisationId: OrganisationId;
  readonly oldestSeq: number;
  /** 0: none. */
  readonly upTo: number;
}

interface KeptRow {
  readonly organisation_id: OrganisationId;
  readonly size: string;
  readonly oldest_seq: string;
  readonly days: number | null;
  readonly legal_hold: boolean | null;
  readonly outrun_sinks: boolean | null;
}

/**
 * Removes events whose time is over. A month that nobody needs goes as a whole; of the others the events of the organisations whose time
 * is over. Tiles, checkpoints and the newest event stay, so that what is left is proven as before, and a removal is an event itself.
 */
@Injectable()
export class RetentionSweep {
  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Inject(AuditPartitions) private readonly partitions: AuditPartitions,
    @Inject(CursorHolds) private readonly holds: CursorHolds,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** Removes what is past. Cut off in the middle, the next sweep goes on. */
  async run(): Promise<void> {
    const now = this.clock.now();
    const streams = await this.pastOf(now);
    for (const past of streams) if (past.upTo >= past.oldestSeq) await this.announce(past, now);
    await this.partitions.dropPast(now, (manager, table) => needsNone(manager, table, streams));
    for (const past of streams) if (past.upTo >= past.oldestSeq) await this.remove(past);
  }

  private async pastOf(now: EpochMs): Promise<readonly Past[]> {
    const rows = await asAudit(this.dataSource, (manager) =>
      manager.query<KeptRow[]>('SELECT h.organisation_id, h.size, h.oldest_seq, r.days, r.legal_hold, r.outrun_sinks FROM audit_heads h LEFT JOIN audit_retention r USING (organisation_id) WHERE h.size > 0'),
    );
    const streams: Past[] = [];
    for (const row of rows) streams.push({ organisationId: row.organisation_id, oldestSeq: Number(row.oldest_seq), upTo: await this.upTo(row, now) });
    return streams;
  }

  private async upTo({ organisation_id: organisationId, size, oldest_seq: oldest, days, legal_hold: isHeld, outrun_sinks: outruns }: KeptRow, now: EpochMs): Promise<number> {
    if (days === null || isHeld === true) return 0;
    const bounds = { oldest: Number(oldest), newest: Number(size) };
    const past = await asAudit(this.dataSource, (manager) => lastSeqBefore(manager, organisationId, bounds, branded<EpochMs>(now - days * DAY_MS)));
    const read = outruns === true ? null : await this.holds.lowest(organisationId);
    return Math.min(past, Number(size) - 1, read ?? Number.MAX_SAFE_INTEGER);
  }

  /** First the stream says from where it still has events, so that nobody asks for what is being removed. */
  private async announce({ organisationId, oldestSeq, upTo }: Past, at: EpochMs): Promise<void> {
    await this.trail.follow(organisationId === NO_ORGANISATION ? null : organisationId, async (_head, manager) => {
      await manager.query('UPDATE audit_heads SET oldest_seq = $2 WHERE organisation_id = $1 AND oldest_seq < $2', [organisationId, upTo + 1]);
      const admin = {
        action: 'audit_events_removed',
        object_type: 'organisation' as const,
        object_id: organisationId,
        patch: [{ op: 'remove' as const, path: '/events', value: { from_seq: oldestSeq, to_seq: upTo } }],
        reason: 'retention',
      };
      return { facts: [{ ...ownFact(organisationId, at, 'admin.organisation.audit_events_removed'), outcome: 'success', admin }] };
    });
  }

  private async remove({ organisationId, upTo }: Past): Promise<void> {
    for (;;) {
      const removed = await asAudit(this.dataSource, async (manager) => {
        const [oldest] = await manager.query<{ seq: string }[]>('SELECT seq FROM audit_events WHERE organisation_id = $1 AND seq <= $2 ORDER BY seq LIMIT 1', [organisationId, upTo]);
        if (oldest === undefined) return false;
        const last = Math.min(Number(oldest.seq) + REMOVED_AT_ONCE - 1, upTo);
        await manager.query('DELETE FROM audit_events WHERE organisation_id = $1 AND seq BETWEEN $2 AND $3', [organisationId, oldest.seq, last]);
        return true;
      });
      if (!removed) return;
    }
  }
}

/** Whether a month has nothing but what is past, of every stream. */
async function needsNone(manager: EntityManager, table: string, streams: readonly Past[]): Promise<boolean> {
  for (const { organisationId, upTo } of streams) {
    const [row] = await manager.query<{ newest: string | null }[]>(`SELECT max(seq) AS newest FROM ${table} WHERE organisation_id = $1`, [organisationId]);
    if (Number(row?.newest ?? 0) > upTo) return false;
  }
  return true;
}
