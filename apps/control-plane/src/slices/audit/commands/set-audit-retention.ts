import { Inject, Injectable } from '@nestjs/common';
import { canonicalJson, ok, type Clock, type Result } from '@sallyport/kernel';

import type { Refusal } from '../../../platform/commands/refusal.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { PART } from '../../../platform/parts.js';
import { KEPT_FOR_GOOD, keepRetention, readRetention, type Retention } from '../retention/retention-rows.js';
import { AuditTrail } from '../store/audit-trail.js';
import { auditChangeFact } from './admin-fact.js';
import { auditRefusal, isReason } from './audit-refusals.js';

/** GraphQL's `SetAuditRetentionInput`. */
export interface SetAuditRetentionInput {
  readonly days?: number | null;
  readonly keepForGood?: boolean | null;
  readonly legalHold?: boolean | null;
  readonly outrunSinks?: boolean | null;
  readonly reason?: string | null;
}

const MOST_DAYS = 36_500;

/** Changes how long an organisation's events are kept. The change and its event are stored together; what changes nothing makes none. */
@Injectable()
export class SetAuditRetention {
  constructor(
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  async run(input: SetAuditRetentionInput, caller: Caller): Promise<Result<Retention, Refusal>> {
    const { days, legalHold, reason } = input;
    if (typeof days === 'number' && (days < 1 || days > MOST_DAYS)) return auditRefusal.badDays();
    if (typeof legalHold === 'boolean' && !isReason(reason)) return auditRefusal.noReason();
    if (typeof reason === 'string' && !isReason(reason)) return auditRefusal.noReason();
    const { organisationId } = caller;
    const at = this.clock.now();
    let settled: Retention | undefined;
    await this.trail.follow(organisationId, async (_head, manager) => {
      const before = await readRetention(manager, organisationId);
      const after = (settled = changed(before, input));
      if (canonicalJson({ ...after }) === canonicalJson({ ...before })) return { facts: [] };
      await keepRetention(manager, organisationId, after, at);
      return { facts: [auditChangeFact(caller, { organisationId, at, object: { type: 'organisation', id: organisationId }, action: 'retention_changed', before: { ...before }, after: { ...after }, reason: reason ?? null })] };
    });
    return ok(settled ?? changed(KEPT_FOR_GOOD, input));
  }
}

function changed(before: Retention, { days, keepForGood, legalHold, outrunSinks, reason }: SetAuditRetentionInput): Retention {
  const held = legalHold ?? before.legalHold;
  const holdReason = legalHold === true ? (reason ?? null) : before.holdReason;
  return { days: keepForGood === true ? null : (days ?? before.days), legalHold: held, holdReason: held ? holdReason : null, outrunSinks: outrunSinks ?? before.outrunSinks };
}
