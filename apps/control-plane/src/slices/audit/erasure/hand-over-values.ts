import { Inject, Injectable } from '@nestjs/common';
import type { DecidedRecord, SequencedRecord } from '@sallyport/audit';
import { isFault, type Brand, type Clock, type IdentityId, type OrganisationId } from '@sallyport/kernel';
import type { SecretBox, SubjectKey } from '@sallyport/secrets';
import type { EntityManager } from 'typeorm';

import { newId } from '../../../platform/new-id.js';
import { PART } from '../../../platform/parts.js';
import { OrganisationRow } from '../../organisations/read/organisation-row.entity.js';
import { keepSubjectKey, readSubjects, type SubjectState } from './subject-key-rows.js';

/** A record with values that a worker sealed. */
type KeepingRecord = DecidedRecord & { readonly sealedArguments: string };

/** What the values of one batch are handed over with. */
interface HandingOver {
  readonly manager: EntityManager;
  readonly organisationId: OrganisationId;
  readonly wrappedKey: string;
  /** By identity; grows as keys are made. */
  readonly subjects: Map<IdentityId, SubjectState>;
}

/**
 * Hands kept argument values over to the identities that sent them, before they are stored or become part of an event: what workers
 * sealed with the organisation's key comes under a key of the identity, which an erasure destroys. Nothing is decrypted on the way.
 */
@Injectable()
export class HandOverValues {
  constructor(
    @Inject(PART.secretBox) private readonly box: SecretBox,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /**
   * The records of one organisation, their values handed over; as they came where they have none. Values of calls from before their
   * identity's erasure are left out, however late they come. The caller holds the head of the organisation's stream.
   */
  async run(manager: EntityManager, organisationId: OrganisationId, batch: readonly SequencedRecord[]): Promise<readonly SequencedRecord[]> {
    const identityIds = new Set(batch.flatMap(({ record }) => (isKeeping(record) ? [record.identityId] : [])));
    if (identityIds.size === 0) return batch;
    const { wrappedKey } = await manager.findOneByOrFail(OrganisationRow, { organisationId });
    const handing = { manager, organisationId, wrappedKey, subjects: new Map(await readSubjects(manager, organisationId, [...identityIds])) };
    const handed: SequencedRecord[] = [];
    for (const sequenced of batch) {
      const { record } = sequenced;
      handed.push(isKeeping(record) ? { ...sequenced, record: { ...record, sealedArguments: await this.handedOver(handing, record) } } : sequenced);
    }
    return handed;
  }

  private async handedOver(handing: HandingOver, record: KeepingRecord): Promise<string | null> {
    const { erasedAt } = handing.subjects.get(record.identityId) ?? {};
    if (erasedAt !== undefined && record.at <= erasedAt) return null;
    const context = { organisationId: handing.organisationId, objectKind: 'decision', objectId: record.decisionId, field: 'arguments' };
    try {
      return this.box.handOver(context, { wrappedKey: handing.wrappedKey, subject: await this.keyFor(handing, record.identityId) }, record.sealedArguments);
    } catch (caught) {
      // It opens with no key of this organisation: there is nothing to hand over, and no reason to lose the record.
      if (isFault(caught, 'secrets.cannot_open')) return record.sealedArguments;
      throw caught;
    }
  }

  private async keyFor({ manager, organisationId, wrappedKey, subjects }: HandingOver, identityId: IdentityId): Promise<SubjectKey> {
    const known = subjects.get(identityId);
    if (known?.key !== undefined) return known.key;
    const at = this.clock.now();
    const key = this.box.newSubjectKey(organisationId, newId<Brand<string, 'SubjectKeyId'>>(at), wrappedKey);
    await keepSubjectKey(manager, identityId, { key, at });
    subjects.set(identityId, { key, erasedAt: known?.erasedAt });
    return key;
  }
}

function isKeeping(record: SequencedRecord['record']): record is KeepingRecord {
  return record.kind === 'decided' && record.sealedArguments !== null;
}
