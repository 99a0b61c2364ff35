import { Inject, Injectable } from '@nestjs/common';
import { inOrganisation } from '@sallyport/event-log-postgres';
import type { Clock } from '@sallyport/kernel';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { ControlPlaneMetrics } from '../../../platform/telemetry/control-plane-metrics.js';
import { NO_ORGANISATION, streamOf } from '../store/audit-head.js';
import { asAudit } from '../store/audit-role.js';
import { AuditTrail } from '../store/audit-trail.js';
import { noteSaid } from './checkpoint-store.js';
import { dueStreams, SIGNING_PACE, type DueStream } from './due-streams.js';
import type { HeadAlarm } from './examine-head.js';
import { checkpointFact, StreamSigner, type SignedHead } from './stream-signer.js';

/** Signs every stream that is due, once. */
@Injectable()
export class CheckpointSigner {
  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(StreamSigner) private readonly streams: StreamSigner,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Inject(ControlPlaneMetrics) private readonly metrics: ControlPlaneMetrics,
    @Inject(PART.clock) private readonly clock: Clock,
    @Inject(PART.log) private readonly log: Logger,
  ) {}

  /**
   * Signs what is due, or every stream. Only by the process that leads.
   *
   * @returns The streams that were looked at, signed or not.
   */
  async signDue(every = false): Promise<readonly DueStream[]> {
    const due = await asAudit(this.dataSource, (manager) => dueStreams(manager, this.clock.now(), every));
    const signed: SignedHead[] = [];
    const said: SignedHead[] = [];
    for (const stream of due) {
      const result = await this.streams.sign(stream.organisationId);
      if (!result.ok) this.raise(stream, result.refusal);
      else {
        signed.push(result.value);
        if (this.isToBeSaid(stream, result.value)) said.push(result.value);
      }
    }
    await this.streams.keep(signed);
    for (const head of said) await this.say(head);
    await this.measure();
    return due;
  }

  private raise({ organisationId, alarm: known }: DueStream, alarm: HeadAlarm): void {
    if (known === alarm) return;
    this.log.error({ event: 'audit.head_refused', stream: streamOf(organisationId), alarm }, 'an audit stream contradicts what was signed of it; its head is not signed until an operator acknowledges why');
  }

  private isToBeSaid({ noted }: DueStream, { kept }: SignedHead): boolean {
    return noted !== null && kept.size > noted.size && kept.signedAt >= noted.at + SIGNING_PACE.notedMs;
  }

  private async say(head: SignedHead): Promise<void> {
    const { organisationId, kept } = head;
    const [event] = await this.trail.append(organisationId === NO_ORGANISATION ? null : organisationId, [checkpointFact(head)]);
    const size = event?.seq ?? kept.size;
    await inOrganisation(this.dataSource, organisationId, (manager) => noteSaid(manager, organisationId, { size, at: kept.signedAt }));
  }

  private async measure(): Promise<void> {
    const [row] = await asAudit(this.dataSource, (manager) =>
      manager.query<{ oldest: Date | null; alarms: number }[]>('SELECT min(signed_at) FILTER (WHERE alarm IS NULL) AS oldest, count(alarm)::int AS alarms FROM audit_signed'),
    );
    this.metrics.auditAlarms.set(row?.alarms ?? 0);
    this.metrics.checkpointAge.set(row?.oldest ? Math.max(0, this.clock.now() - row.oldest.getTime()) / 1000 : 0);
  }
}
