import { Inject, Injectable } from '@nestjs/common';
import { branded, ok, type Clock, type EpochMs, type Result } from '@sallyport/kernel';

import type { Refusal } from '../../../platform/commands/refusal.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { PART } from '../../../platform/parts.js';
import { CheckpointSigner } from '../sign/checkpoint-signer.js';
import { SIGNING_PACE } from '../sign/due-streams.js';
import { KeyRotation } from '../sign/key-rotation.js';
import { SigningBeat } from '../sign/signing-beat.js';
import { NO_ORGANISATION } from '../store/audit-head.js';
import { AuditTrail } from '../store/audit-trail.js';
import { auditChangeFact } from './admin-fact.js';
import { auditRefusal, isReason } from './audit-refusals.js';

/** A new key that signs. */
export interface RotatedKey {
  readonly keyId: string;
  readonly overlapUntil: Date;
}

/** Has a new key follow the one that signs, in the process that signs: announced, the announcements signed by the old key, then adopted. */
@Injectable()
export class RotateAuditKey {
  constructor(
    @Inject(SigningBeat) private readonly beat: SigningBeat,
    @Inject(KeyRotation) private readonly rotation: KeyRotation,
    @Inject(CheckpointSigner) private readonly signer: CheckpointSigner,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  async run(reason: string, caller: Caller): Promise<Result<RotatedKey, Refusal>> {
    if (!isReason(reason)) return auditRefusal.noReason();
    const keyId = await this.beat.asLeader(() => this.rotate(reason, caller));
    if (keyId === undefined) return auditRefusal.otherSigns();
    return ok({ keyId, overlapUntil: new Date(branded<EpochMs>(this.clock.now() + SIGNING_PACE.overlapMs)) });
  }

  private async rotate(reason: string, caller: Caller): Promise<string> {
    const { before, next } = this.rotation.prepare();
    const change = { organisationId: NO_ORGANISATION, at: this.clock.now(), object: { type: 'key', id: next } as const, action: 'rotated', before: { key_id: before }, after: { key_id: next }, reason };
    await this.trail.append(null, [auditChangeFact(caller, change)]);
    await this.rotation.announce();
    await this.signer.signDue(true);
    this.rotation.adopt();
    await this.signer.signDue(true);
    return next;
  }
}
