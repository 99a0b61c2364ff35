import { createHash } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@sallyport/kernel';

import type { Caller } from '../../../platform/identity/caller.js';
import { meets } from '../../../platform/identity/require-role.js';
import { PART } from '../../../platform/parts.js';
import { auditChangeFact } from '../../audit/commands/admin-fact.js';
import { AuditTrail } from '../../audit/store/audit-trail.js';
import { KeptArguments, type OpenKept } from '../../decisions/read/kept-arguments.js';

/** What kept values are to be replayed under. */
export interface Replaying {
  /** How many calls there are of which values were kept. */
  readonly calls: number;
  /** The policy document's text. */
  readonly document: string;
  /** RFC 3339. */
  readonly since: string;
  readonly until: string;
}

/** Whether a caller may have kept values replayed: whoever may take part in reveals, auditors and admins of the organisation itself. */
export function mayReplayValues(caller: Caller | undefined): boolean {
  return caller !== undefined && caller.organisationId === caller.homeOrganisationId && meets(caller, 'auditor');
}

/**
 * Opens kept values of arguments for simulations. None is shown, but a document made for it can ask them one thing at a time: so they
 * are opened for nobody who could not take part in a reveal, and never without a record of who replayed what under which document.
 */
@Injectable()
export class ReplayedValues {
  constructor(
    @Inject(KeptArguments) private readonly kept: KeptArguments,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** For one simulation, once it is on record; opens nothing for a caller who may not. */
  async opener(caller: Caller, replaying: Replaying): Promise<OpenKept> {
    if (replaying.calls === 0 || !mayReplayValues(caller)) return () => undefined;
    const { organisationId } = caller;
    const { calls, document, since, until } = replaying;
    const after = { calls, since, until, document_hash: createHash('sha256').update(document).digest('hex') };
    const object = { type: 'organisation', id: organisationId } as const;
    await this.trail.append(organisationId, [auditChangeFact(caller, { organisationId, at: this.clock.now(), object, action: 'kept_values_replayed', before: null, after, reason: null })]);
    return this.kept.opener(organisationId);
  }
}
