import { Inject, Injectable } from '@nestjs/common';
import { hexOf } from '@sallyport/audit-chain';
import { DEPLOYMENT_STREAM } from '@sallyport/audit-event';
import { ok, type Clock, type OrganisationId, type Result } from '@sallyport/kernel';

import type { Refusal } from '../../../platform/commands/refusal.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { parseId } from '../../../platform/parse-id.js';
import { PART } from '../../../platform/parts.js';
import { SigningBeat } from '../sign/signing-beat.js';
import { SigningRound } from '../sign/signing-round.js';
import { StreamSigner } from '../sign/stream-signer.js';
import { NO_ORGANISATION } from '../store/audit-head.js';
import { treeOf } from '../store/audit-tiles.js';
import { AuditTrail } from '../store/audit-trail.js';
import { auditChangeFact } from './admin-fact.js';
import { auditRefusal, isReason } from './audit-refusals.js';

/**
 * Lets a stream be signed again that contradicts what was signed before. What was signed and what is there now are recorded in the stream, by
 * an event of the member who said so; then what is there now is what the next head has to continue. The key stays: whoever holds a head
 * from before sees that it is not continued, and finds the reason in the stream.
 */
@Injectable()
export class AcknowledgeAuditReset {
  constructor(
    @Inject(SigningBeat) private readonly beat: SigningBeat,
    @Inject(SigningRound) private readonly signing: SigningRound,
    @Inject(StreamSigner) private readonly streams: StreamSigner,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  async run({ stream, reason }: { readonly stream: string; readonly reason: string }, caller: Caller): Promise<Result<{ readonly size: number }, Refusal>> {
    if (!isReason(reason)) return auditRefusal.noReason();
    const organisationId = stream === DEPLOYMENT_STREAM ? NO_ORGANISATION : parseId<OrganisationId>(stream);
    if (organisationId === undefined) return auditRefusal.noAlarm();
    const done = await this.beat.asLeader(() => this.acknowledge(organisationId, reason, caller));
    return done ?? auditRefusal.otherSigns();
  }

  private async acknowledge(organisationId: OrganisationId, reason: string, caller: Caller): Promise<Result<{ readonly size: number }, Refusal>> {
    await this.signing.run(true);
    const alarm = await this.signing.alarmOf(organisationId);
    if (alarm === null) return auditRefusal.noAlarm();
    const signed = await this.streams.remembered(organisationId);
    const isGone = alarm === 'stream_missing';
    let [size, root] = [0, ''];
    await this.trail.follow(isGone || organisationId === NO_ORGANISATION ? null : organisationId, async (head) => {
      if (!isGone) [size, root] = [head.size, hexOf(treeOf(head).root())];
      const before = { size: signed?.size ?? 0, root: signed?.root ?? '' };
      const change = { organisationId: head.organisationId, at: this.clock.now(), object: { type: 'organisation', id: organisationId } as const, action: 'audit_reset_acknowledged', before, after: { size, root, alarm }, reason };
      return { facts: [{ ...auditChangeFact(caller, change), severity: 5 }] };
    });
    await this.streams.accept(organisationId, isGone ? null : { size, root });
    await this.signing.run(true);
    return ok({ size });
  }
}
