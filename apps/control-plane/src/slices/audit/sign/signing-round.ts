import { Inject, Injectable } from '@nestjs/common';
import type { OrganisationId } from '@sallyport/kernel';

import { AuditAlarms } from './audit-alarms.js';
import { CheckpointSigner } from './checkpoint-signer.js';
import type { HeadAlarm } from './examine-head.js';
import { HeadList } from './head-list.js';
import { KeyRotation } from './key-rotation.js';

/** Where nothing is due, as where every stream is gone, the rest is looked after in every sixtieth round. */
const LOOKED_AFTER_ROUNDS = 60;

/** Everything the process that signs does at once: signs what is due, and looks after keys, the list of heads and alarms. */
@Injectable()
export class SigningRound {
  /** Rounds without anything due, one after another. */
  private quietRounds = 0;

  constructor(
    @Inject(CheckpointSigner) private readonly signer: CheckpointSigner,
    @Inject(KeyRotation) private readonly rotation: KeyRotation,
    @Inject(HeadList) private readonly headList: HeadList,
    @Inject(AuditAlarms) private readonly alarms: AuditAlarms,
  ) {}

  /** One round over what is due, or over every stream. */
  async run(every: boolean): Promise<void> {
    const due = await this.signer.signDue(every);
    this.quietRounds = due.length > 0 || every ? 0 : this.quietRounds + 1;
    if (this.quietRounds % LOOKED_AFTER_ROUNDS !== 0) return;
    await this.rotation.lookAfter(due);
    await this.headList.signWhereDue();
    await this.alarms.look();
  }

  /** Why a stream is not signed; `null` when nothing is wrong. */
  alarmOf(organisationId: OrganisationId): Promise<HeadAlarm | null> {
    return this.alarms.of(organisationId);
  }
}
