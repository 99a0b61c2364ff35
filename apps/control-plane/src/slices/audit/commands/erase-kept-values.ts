import { Inject, Injectable } from '@nestjs/common';
import { ok, type Brand, type Clock, type IdentityId, type OrganisationId, type Result } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import type { Refusal } from '../../../platform/commands/refusal.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { newId } from '../../../platform/new-id.js';
import { PART } from '../../../platform/parts.js';
import { findIdentity } from '../../identities/read/identity-queries.js';
import { destroySubjectKey } from '../erasure/subject-key-rows.js';
import { readRetention } from '../retention/retention-rows.js';
import { AuditTrail } from '../store/audit-trail.js';
import { auditChangeFact } from './admin-fact.js';
import { auditRefusal, isReason } from './audit-refusals.js';

/** GraphQL's `EraseKeptValuesInput`. */
export interface EraseKeptValuesInput {
  /** Id or name. */
  readonly identity: string;
  readonly reason: string;
}

/** What was erased. */
export interface ErasedValues {
  readonly identityId: IdentityId;
  readonly erasedAt: Date;
  /** Whether values had been kept since the erasure before. */
  readonly hadValues: boolean;
}

/**
 * Makes the kept argument values of an identity unreadable for good, by destroying its key: in the store, in the audit stream and wherever
 * that was exported to. No event changes, so the chain verifies as before. The key's end and its event are stored together.
 */
@Injectable()
export class EraseKeptValues {
  constructor(
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  async run(input: EraseKeptValuesInput, caller: Caller): Promise<Result<ErasedValues, Refusal>> {
    if (!isReason(input.reason)) return auditRefusal.noReason();
    const { organisationId } = caller;
    let erased: Result<ErasedValues, Refusal> = auditRefusal.unknownIdentity();
    await this.trail.follow(organisationId, async (_head, manager) => {
      erased = await this.erase(manager, organisationId, input.identity);
      if (!erased.ok) return { facts: [] };
      const { identityId, erasedAt, hadValues } = erased.value;
      const after = { values_erased_at: erasedAt.toISOString(), had_values: hadValues };
      return { facts: [auditChangeFact(caller, { organisationId, at: this.clock.now(), object: { type: 'identity', id: identityId }, action: 'values_erased', before: null, after, reason: input.reason })] };
    });
    return erased;
  }

  private async erase(manager: EntityManager, organisationId: OrganisationId, named: string): Promise<Result<ErasedValues, Refusal>> {
    const identity = await findIdentity(manager, organisationId, named);
    if (identity === null) return auditRefusal.unknownIdentity();
    if ((await readRetention(manager, organisationId)).legalHold) return auditRefusal.held();
    const at = this.clock.now();
    const { identityId } = identity;
    const hadValues = await destroySubjectKey(manager, { organisationId, identityId, keyId: newId<Brand<string, 'SubjectKeyId'>>(at), at });
    return ok({ identityId, erasedAt: new Date(at), hadValues });
  }
}
