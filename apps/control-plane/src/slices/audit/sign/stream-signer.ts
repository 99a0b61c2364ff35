import { Inject, Injectable } from '@nestjs/common';
import { checkpointText, encodeBase64, hexOf, signNote } from '@sallyport/audit-chain';
import type { AuditFact } from '@sallyport/audit-event';
import { inOrganisation } from '@sallyport/event-log-postgres';
import { ok, type Clock, type OrganisationId, type Result } from '@sallyport/kernel';
import type { RotatingKeys } from '@sallyport/secrets';
import type { DataSource, EntityManager } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { ownFact } from '../store/own-fact.js';
import { sha256 } from '../store/sha256.js';
import { AuditDeployment } from './audit-deployment.js';
import { keepAlarm, keepCheckpoint, readCheckpoint, type KeptCheckpoint } from './checkpoint-store.js';
import { examineHead, type HeadAlarm } from './examine-head.js';
import type { HeadMemory, RememberedHead } from './head-memory.js';

/** A head with its signature, not kept yet. */
export interface SignedHead {
  readonly organisationId: OrganisationId;
  readonly origin: string;
  readonly kept: KeptCheckpoint;
}

/** Signs the head of one stream after the other, and refuses one that contradicts what was signed before. */
@Injectable()
export class StreamSigner {
  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(PART.auditKeys) private readonly keys: RotatingKeys,
    @Inject(PART.auditHeads) private readonly memory: HeadMemory,
    @Inject(AuditDeployment) private readonly deployment: AuditDeployment,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** Examines a stream's head and signs it; keeps nothing of it but the alarm when it is refused. */
  async sign(organisationId: OrganisationId): Promise<Result<SignedHead, HeadAlarm>> {
    const origin = await this.deployment.originOf(organisationId);
    return inOrganisation(this.dataSource, organisationId, async (manager) => {
      const examined = await examineHead(manager, organisationId, await this.signedLast(manager, organisationId, origin));
      const signedAt = this.clock.now();
      if (!examined.ok) {
        await keepAlarm(manager, organisationId, { alarm: examined.refusal, at: signedAt });
        return examined;
      }
      const { size, rootBytes: root } = examined.value;
      const note = signNote(checkpointText({ origin, size, root, extensions: [] }), this.deployment.signers(origin), sha256);
      return ok({ organisationId, origin, kept: { size, root, keyId: this.keys.current().keyId, note, signedAt } });
    });
  }

  /** Keeps signed heads: outside of the database first, so that what anybody may have seen is remembered whatever becomes of the database. */
  async keep(signed: readonly SignedHead[]): Promise<void> {
    if (signed.length === 0) return;
    this.memory.keep(new Map(signed.map(({ origin, kept }) => [origin, { size: kept.size, root: hexOf(kept.root) }])));
    for (const { organisationId, kept } of signed) await inOrganisation(this.dataSource, organisationId, (manager) => keepCheckpoint(manager, organisationId, kept));
  }

  /** What was signed last of a stream, from here. */
  async remembered(organisationId: OrganisationId): Promise<RememberedHead | undefined> {
    return this.memory.recall(await this.deployment.originOf(organisationId));
  }

  /** Takes a head for what was signed last, whatever was: the next has to continue it. `null` forgets the stream. */
  async accept(organisationId: OrganisationId, head: RememberedHead | null): Promise<void> {
    const origin = await this.deployment.originOf(organisationId);
    this.memory.keep(head === null ? new Map() : new Map([[origin, head]]), head === null ? [origin] : []);
  }

  /** A process that never signed this stream goes by the newest checkpoint in the database. */
  private async signedLast(manager: EntityManager, organisationId: OrganisationId, origin: string): Promise<RememberedHead | undefined> {
    const remembered = this.memory.recall(origin);
    if (remembered !== undefined) return remembered;
    const kept = await readCheckpoint(manager, organisationId);
    return kept === undefined ? undefined : { size: kept.size, root: hexOf(kept.root) };
  }
}

/** What a stream says of its own checkpoint. */
export function checkpointFact({ organisationId, kept }: SignedHead): AuditFact {
  return {
    ...ownFact(organisationId, kept.signedAt, 'audit.checkpoint'),
    checkpoint: { size: kept.size, root: encodeBase64(kept.root), key_id: kept.keyId },
  };
}
