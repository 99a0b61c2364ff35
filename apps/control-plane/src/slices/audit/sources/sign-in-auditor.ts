import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { AuditFact } from '@sallyport/audit-event';
import { branded, type OrganisationId, type Scheduler } from '@sallyport/kernel';
import type { Logger } from 'pino';

import { SignInCounts } from '../../../platform/identity/sign-in-counts.js';
import { PART } from '../../../platform/parts.js';
import { RepeatedTask } from '../../../platform/repeated-task.js';
import { AuditTrail } from '../store/audit-trail.js';
import { factOfAccepted, factOfRefused } from './facts-of-sign-ins.js';

/** How often sign-ins are told, milliseconds. */
const ACCEPTED_MS = 1_000;
/** How often refused ones are, counted: once a minute. */
const REFUSED_MS = 60_000;
/** Facts kept for the next try while the store is away; of more the oldest are given up. */
const MOST_WAITING = 5_000;

/**
 * Tells sign-ins at the control plane, off the requests' path: a token's from a source once in an hour of this process, refused ones as one
 * counted fact a minute. What belongs to no organisation goes into the deployment's stream. What cannot be stored waits, bounded.
 */
@Injectable()
export class SignInAuditor implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly accepted: RepeatedTask;
  private readonly refused: RepeatedTask;
  private waiting: readonly AuditFact[] = [];
  private telling: Promise<void> = Promise.resolve();

  constructor(
    @Inject(SignInCounts) private readonly counts: SignInCounts,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Inject(PART.scheduler) scheduler: Scheduler,
    @Inject(PART.log) private readonly log: Logger,
  ) {
    this.accepted = new RepeatedTask(scheduler, ACCEPTED_MS, () => this.tell(counts.takeAccepted().map(factOfAccepted)));
    this.refused = new RepeatedTask(scheduler, REFUSED_MS, () => this.tell(counts.takeRefused().map(factOfRefused)));
  }

  onApplicationBootstrap(): void {
    this.accepted.start();
    this.refused.start();
  }

  /** What was counted so far is told before the process ends. */
  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.accepted.stop(), this.refused.stop()]);
    await this.tellNow();
  }

  /** Tells what was counted so far, the refused of this minute too. */
  tellNow(): Promise<void> {
    return this.tell([...this.counts.takeAccepted().map(factOfAccepted), ...this.counts.takeRefused().map(factOfRefused)]);
  }

  /** One after the other, so that what waits is told once. */
  private tell(facts: readonly AuditFact[]): Promise<void> {
    this.telling = this.telling.then(() => this.tellAll(facts));
    return this.telling;
  }

  private async tellAll(facts: readonly AuditFact[]): Promise<void> {
    const due = [...this.waiting, ...facts];
    this.waiting = [];
    for (const [organisationId, own] of byOrganisation(due)) {
      try {
        await this.trail.append(organisationId, own);
      } catch (caught) {
        this.waiting = [...this.waiting, ...own].slice(-MOST_WAITING);
        this.log.warn({ event: 'audit.sign_ins_disturbed', err: caught, waiting: this.waiting.length }, 'sign-ins could not be taken into the audit stream; trying again');
      }
    }
  }
}

function byOrganisation(facts: readonly AuditFact[]): ReadonlyMap<OrganisationId | null, readonly AuditFact[]> {
  const groups = new Map<OrganisationId | null, AuditFact[]>();
  for (const fact of facts) {
    const owner = fact.organisation_id === undefined ? null : branded<OrganisationId>(fact.organisation_id);
    const group = groups.get(owner);
    if (group === undefined) groups.set(owner, [fact]);
    else group.push(fact);
  }
  return groups;
}
