import { Inject, Injectable } from '@nestjs/common';
import { announceKey, verifierKey, verifierKeyText } from '@sallyport/audit-chain';
import type { AuditFact } from '@sallyport/audit-event';
import type { Clock, OrganisationId } from '@sallyport/kernel';
import type { RecordSigner, RotatingKeys } from '@sallyport/secrets';
import type { DataSource } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { NO_ORGANISATION, type AuditHead } from '../store/audit-head.js';
import { asAudit } from '../store/audit-role.js';
import { AuditTrail } from '../store/audit-trail.js';
import { ownFact } from '../store/own-fact.js';
import { sha256 } from '../store/sha256.js';
import { AuditDeployment, noteSigner } from './audit-deployment.js';
import { SIGNING_PACE } from './due-streams.js';

/**
 * Makes a new key follow the one that signs. It is announced in every stream by an event that the old key signs, then both sign, and
 * after `SIGNING_PACE.overlapMs` the new one alone. A stream that was told of another key than the one that signs is told, whenever it is seen.
 */
@Injectable()
export class KeyRotation {
  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(PART.auditKeys) private readonly keys: RotatingKeys,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Inject(AuditDeployment) private readonly deployment: AuditDeployment,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** Ids of the key that signs and of the one that will follow it, which is made now. */
  prepare(): { readonly before: string; readonly next: string } {
    return { before: this.keys.current().keyId, next: this.keys.prepare().keyId };
  }

  /** Announces a new key in every stream; nothing is signed by it before `adopt`. Answers its id. An announcement that was cut off goes on with the same key. */
  async announce(): Promise<string> {
    const next = this.keys.prepare();
    await this.register(next);
    const rows = await asAudit(this.dataSource, (manager) => manager.query<{ organisation_id: OrganisationId }[]>('SELECT organisation_id FROM audit_heads WHERE key_id <> $1', [next.keyId]));
    for (const { organisation_id: organisationId } of rows) await this.tell(organisationId, next, this.keys.current());
    return next.keyId;
  }

  /** The announced key signs from now on. */
  adopt(): void {
    this.keys.adopt();
  }

  /** Sees to it that the key that signs is known, that streams were told of it, and that the key before ends when its time is over. */
  async lookAfter(streams: readonly { readonly organisationId: OrganisationId; readonly keyId: string }[]): Promise<void> {
    const current = this.keys.current();
    const since = await this.register(current);
    for (const { organisationId, keyId } of streams) if (keyId !== current.keyId) await this.tell(organisationId, current, this.keys.previous() ?? current);
    const previous = this.keys.previous();
    if (previous === undefined || this.clock.now() < since + SIGNING_PACE.overlapMs) return;
    await this.dataSource.query('UPDATE audit_keys SET retired_at = $2 WHERE key_id = $1', [previous.keyId, new Date(this.clock.now()).toISOString()]);
    this.keys.retire();
  }

  /** Keeps a key for those who verify; answers when it was first. */
  private async register({ keyId, publicKey }: RecordSigner): Promise<number> {
    const [row] = await this.dataSource.query<{ announced_at: Date }[]>(
      `WITH made AS (INSERT INTO audit_keys (key_id, public_key, announced_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING announced_at)
       SELECT announced_at FROM made UNION ALL SELECT announced_at FROM audit_keys WHERE key_id = $1`,
      [keyId, Buffer.from(publicKey), new Date(this.clock.now()).toISOString()],
    );
    return row?.announced_at.getTime() ?? this.clock.now();
  }

  private async tell(organisationId: OrganisationId, next: RecordSigner, by: RecordSigner): Promise<void> {
    const origin = await this.deployment.originOf(organisationId);
    await this.trail.follow(organisationId === NO_ORGANISATION ? null : organisationId, async (head) => {
      if (head.keyId === next.keyId) return { facts: [] };
      return { facts: [this.announcement(head, origin, { next, by })], cursor: { announcedKeyId: next.keyId } };
    });
  }

  private announcement(head: AuditHead, origin: string, { next, by }: { readonly next: RecordSigner; readonly by: RecordSigner }): AuditFact {
    const key = verifierKey(origin, next.publicKey, sha256);
    const keyEpoch = head.keyEpoch + 1;
    const note = announceKey({ keyEpoch, key }, [noteSigner(origin, by)], sha256);
    return { ...ownFact(head.organisationId, this.clock.now(), 'audit.key_announced'), key: { key_epoch: keyEpoch, key_id: next.keyId, vkey: verifierKeyText(key), note } };
  }
}
