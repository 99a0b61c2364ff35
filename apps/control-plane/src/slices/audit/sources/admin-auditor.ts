import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { FeedListener, FeedSubscription } from '@sallyport/event-log';
import { PostgresEventFeed } from '@sallyport/event-log-postgres';
import type { Clock, Fault, OrganisationId, Scheduler } from '@sallyport/kernel';
import type { Logger } from 'pino';

import { PART } from '../../../platform/parts.js';
import { Administration } from './administration.js';

/** How long after a failure it is tried again, milliseconds. */
const RETRY_MS = 1_000;
/** How often progress is logged while there is a backlog, milliseconds. */
const SAY_PROGRESS_MS = 5_000;

/**
 * Follows administration into the audit streams: woken by every commit, within the half second of the feed's rounds where a notification
 * was lost. What is there at the start is caught up with, a bounded piece of each organisation in turn. Several control planes do
 * this at once; each event is taken by one of them.
 */
@Injectable()
export class AdminAuditor implements OnApplicationBootstrap, OnModuleDestroy, FeedListener {
  private readonly waiting = new Set<OrganisationId>();
  private subscription: FeedSubscription | undefined;
  private running: Promise<void> = Promise.resolve();
  private isRunning = false;
  private isStopped = false;
  private isDisturbed = false;
  private saidAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(Administration) private readonly administration: Administration,
    @Inject(PART.databaseUrl) private readonly databaseUrl: string,
    @Inject(PART.clock) private readonly clock: Clock,
    @Inject(PART.scheduler) private readonly scheduler: Scheduler,
    @Inject(PART.log) private readonly log: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { heads, behind } = await this.administration.standing();
    if (behind.length > 0) this.log.info({ event: 'audit.catching_up', organisations: behind.length }, 'taking administration into the audit streams');
    for (const organisationId of behind) this.waiting.add(organisationId);
    const feed = new PostgresEventFeed({ url: this.databaseUrl, clock: this.clock, onFault: (fault) => this.disturbed(fault) });
    this.subscription = feed.follow(this, heads);
    this.wake();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    await this.subscription?.close();
    await this.running;
  }

  onEvents(events: Parameters<FeedListener['onEvents']>[0]): void {
    for (const { organisationId } of events) this.waiting.add(organisationId);
    this.wake();
  }

  onStamp(): void {
    // how fresh this is shows in the streams' heads
  }

  onUnreadable(organisationId: OrganisationId, fault: Fault): void {
    this.log.error({ event: 'audit.unreadable_event', organisationId, err: fault }, 'an event of another version cannot be told: the administration of this organisation waits in front of it');
  }

  /** Resolves when everything committed before the call is in the audit streams. Rejects when this ends first. */
  async caughtUp(): Promise<void> {
    await this.subscription?.caughtUp();
    while (this.isRunning) await this.running;
  }

  private wake(): void {
    if (this.isRunning || this.isStopped) return;
    this.isRunning = true;
    this.running = this.takeAll();
  }

  private async takeAll(): Promise<void> {
    for (let next = this.next(); next !== undefined && !this.isStopped; next = this.next()) await this.takeFrom(next);
    this.isRunning = false;
  }

  /** The organisation that has waited longest. */
  private next(): OrganisationId | undefined {
    const [first] = this.waiting;
    if (first !== undefined) this.waiting.delete(first);
    return first;
  }

  private async takeFrom(organisationId: OrganisationId): Promise<void> {
    try {
      const { revision, isMore } = await this.administration.takeNext(organisationId);
      if (isMore) this.waiting.add(organisationId);
      if (isMore) this.sayProgress(organisationId, revision);
      this.isDisturbed = false;
    } catch (caught) {
      this.disturbed(caught);
      this.scheduler.after(RETRY_MS, () => {
        this.waiting.add(organisationId);
        this.wake();
      });
    }
  }

  private sayProgress(organisationId: OrganisationId, revision: number): void {
    const nowMs = this.clock.monotonicMs();
    if (nowMs - this.saidAtMs < SAY_PROGRESS_MS) return;
    this.saidAtMs = nowMs;
    this.log.info({ event: 'audit.catching_up', organisationId, revision, waiting: this.waiting.size }, 'taking administration into the audit streams');
  }

  private disturbed(caught: unknown): void {
    if (!this.isDisturbed) this.log.warn({ event: 'audit.administration_disturbed', err: caught }, 'taking administration into the audit streams is disturbed; trying again');
    this.isDisturbed = true;
  }
}
