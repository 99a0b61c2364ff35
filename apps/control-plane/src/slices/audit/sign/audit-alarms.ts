import { Inject, Injectable } from '@nestjs/common';
import { inOrganisation } from '@sallyport/event-log-postgres';
import type { OrganisationId } from '@sallyport/kernel';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { ControlPlaneMetrics } from '../../../platform/telemetry/control-plane-metrics.js';
import { streamOf } from '../store/audit-head.js';
import { asAudit } from '../store/audit-role.js';
import type { HeadAlarm } from './examine-head.js';
import { HeadList } from './head-list.js';

/** Says which streams are not signed, and why. */
@Injectable()
export class AuditAlarms {
  /** Missing streams that were told of, so that each is told of once. */
  private told = new Set<string>();

  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(HeadList) private readonly heads: HeadList,
    @Inject(ControlPlaneMetrics) private readonly metrics: ControlPlaneMetrics,
    @Inject(PART.log) private readonly log: Logger,
  ) {}

  /** Tells of a stream whose head was refused. */
  raise(stream: string, alarm: HeadAlarm): void {
    this.log.error({ event: 'audit.head_refused', stream, alarm }, 'an audit stream contradicts what was signed of it; its head is not signed until an operator acknowledges why');
  }

  /** Why a stream is not signed; `null` when nothing is wrong. */
  async of(organisationId: OrganisationId): Promise<HeadAlarm | null> {
    const missing = await this.heads.missing();
    if (missing.some((origin) => origin.endsWith(`/${streamOf(organisationId)}`))) return 'stream_missing';
    const [row] = await inOrganisation(this.dataSource, organisationId, (manager) =>
      manager.query<{ alarm: HeadAlarm | null }[]>('SELECT alarm FROM audit_signed WHERE organisation_id = $1', [organisationId]),
    );
    return row?.alarm ?? null;
  }

  /** Looks for missing streams, and sets the figures. */
  async look(): Promise<void> {
    const missing = await this.heads.missing();
    for (const origin of missing) if (!this.told.has(origin)) this.raise(origin.slice(origin.lastIndexOf('/') + 1), 'stream_missing');
    this.told = new Set(missing);
    const [row] = await asAudit(this.dataSource, (manager) =>
      manager.query<{ oldest: Date | null; alarms: number }[]>('SELECT min(signed_at) FILTER (WHERE alarm IS NULL) AS oldest, count(alarm)::int AS alarms FROM audit_signed'),
    );
    this.metrics.auditAlarms.set((row?.alarms ?? 0) + missing.length);
    this.metrics.oldestCheckpoint.set((row?.oldest?.getTime() ?? 0) / 1000);
  }
}
