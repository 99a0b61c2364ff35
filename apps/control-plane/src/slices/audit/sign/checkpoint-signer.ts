import { Inject, Injectable } from '@nestjs/common';
import { inOrganisation } from '@sallyport/event-log-postgres';
import type { Clock } from '@sallyport/kernel';
import type { DataSource } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { NO_ORGANISATION, streamOf } from '../store/audit-head.js';
import { asAudit } from '../store/audit-role.js';
import { AuditTrail } from '../store/audit-trail.js';
import { AuditAlarms } from './audit-alarms.js';
import { noteSaid } from './checkpoint-store.js';
import { dueStreams, SIGNING_PACE, type DueStream } from './due-streams.js';
import { checkpointFact, StreamSigner, type SignedHead } from './stream-signer.js';

/** Signs every stream that is due, once. */
@Injectable()
export class CheckpointSigner {
  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(StreamSigner) private readonly streams: StreamSigner,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Inject(AuditAlarms) private readonly alarms: AuditAlarms,
    @Inject(PART.clock) private readonly clock: Clock,
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
      if (result.ok) {
        signed.push(result.value);
        if (isToBeSaid(stream, result.value)) said.push(result.value);
      } else if (stream.alarm !== result.refusal) this.alarms.raise(streamOf(stream.organisationId), result.refusal);
    }
    await this.streams.keep(signed);
    for (const head of said) await this.say(head);
    return due;
  }

  /** The event makes no checkpoint due: it is no news. */
  private async say(head: SignedHead): Promise<void> {
    const { organisationId, kept } = head;
    const [event] = await this.trail.append(organisationId === NO_ORGANISATION ? null : organisationId, [checkpointFact(head)]);
    const size = event?.seq ?? kept.size;
    await inOrganisation(this.dataSource, organisationId, (manager) => noteSaid(manager, organisationId, { size, at: kept.signedAt }));
  }
}

function isToBeSaid({ noted }: DueStream, { kept }: SignedHead): boolean {
  return noted !== null && kept.size > noted.size && kept.signedAt >= noted.at + SIGNING_PACE.notedMs;
}
