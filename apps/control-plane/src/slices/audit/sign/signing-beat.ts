import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Scheduler } from '@sallyport/kernel';
import type { Logger } from 'pino';

import { PART } from '../../../platform/parts.js';
import { RepeatedTask } from '../../../platform/repeated-task.js';
import { ControlPlaneMetrics } from '../../../platform/telemetry/control-plane-metrics.js';
import { SignerLead } from './signer-lead.js';
import { SigningRound } from './signing-round.js';

/** How often is looked for what is due: half a second, so that at 2,000 events a second a checkpoint covers 1,000. */
const LOOK_MS = 500;

/** Has streams signed as they become due, while this process leads. One round at a time. */
@Injectable()
export class SigningBeat implements OnModuleInit, OnApplicationShutdown {
  private readonly task: RepeatedTask;
  private round: Promise<unknown> = Promise.resolve();
  private isDisturbed = false;

  constructor(
    @Inject(SignerLead) private readonly lead: SignerLead,
    @Inject(SigningRound) private readonly signing: SigningRound,
    @Inject(ControlPlaneMetrics) private readonly metrics: ControlPlaneMetrics,
    @Inject(PART.scheduler) scheduler: Scheduler,
    @Inject(PART.log) private readonly log: Logger,
  ) {
    this.task = new RepeatedTask(scheduler, LOOK_MS, () => this.look());
  }

  onModuleInit(): void {
    this.task.start();
  }

  /** The last head is signed before the process ends. */
  async onApplicationShutdown(): Promise<void> {
    await this.task.stop();
    await this.look(true);
    await this.lead.close();
  }

  /** Runs work that only the leading process may do, between two rounds; `undefined` where another process leads. */
  async asLeader<Value>(work: () => Promise<Value>): Promise<Value | undefined> {
    const turn = this.round.then(async () => ((await this.lead.holds()) ? { value: await work() } : undefined));
    this.round = turn.catch(() => undefined); // whoever asked for this turn hears of it; the next one only waits for its end
    return (await turn)?.value;
  }

  /** Whether this process leads now. */
  leads(): Promise<boolean> {
    return this.lead.holds();
  }

  /** Signs every stream now; `false` where another process leads. */
  async signNow(): Promise<boolean> {
    return (await this.asLeader(async () => this.sign(true))) !== undefined;
  }

  private async look(every = false): Promise<void> {
    try {
      const looked = await this.asLeader(() => this.sign(every));
      this.metrics.signerLeads.set(looked === undefined ? 0 : 1);
      this.isDisturbed = false;
    } catch (caught) {
      if (!this.isDisturbed) this.log.warn({ event: 'audit.signing_disturbed', err: caught }, 'signing the audit streams is disturbed; trying again');
      this.isDisturbed = true;
    }
  }

  private async sign(every: boolean): Promise<true> {
    await this.signing.run(every);
    return true;
  }
}
