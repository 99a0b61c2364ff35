import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { EventLog } from '@sallyport/event-log';
import type { OrganisationId, Scheduler, ServerId } from '@sallyport/kernel';
import type { OperatorFile } from '@sallyport/operator-file';
import type { Logger } from 'pino';

import { PART } from '../../platform/parts.js';
import { RepeatedTask } from '../../platform/repeated-task.js';
import { KnownServers } from './commands/known-server.js';
import { NoticeTools } from './commands/notice-tools.js';

/** Looks again and again at whether active servers still list what a person approved, and at once where there is a hint. */
@Injectable()
export class DriftWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly task: RepeatedTask;
  private readonly hints = new Set<Promise<void>>();

  constructor(
    @Inject(NoticeTools) private readonly notice: NoticeTools,
    @Inject(KnownServers) private readonly servers: KnownServers,
    @Inject(PART.eventLog) private readonly eventLog: EventLog,
    @Inject(PART.log) private readonly log: Logger,
    @Inject(PART.operatorFile) operatorFile: OperatorFile,
    @Inject(PART.scheduler) scheduler: Scheduler,
  ) {
    this.task = new RepeatedTask(scheduler, operatorFile.limits.driftCheckIntervalMs, (isStopped) => this.checkAll(isStopped));
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.task.stop();
    await Promise.all(this.hints);
  }

  /** Looks at one server now, as when it said itself that its list changed, or has a new address. Never throws. */
  noticeChange(organisationId: OrganisationId, serverId: ServerId): Promise<void> {
    const hint = this.notice.run(organisationId, serverId).finally(() => this.hints.delete(hint));
    this.hints.add(hint);
    return hint;
  }

  /** Looks at every active server of every organisation, one after the other. */
  private async checkAll(isStopped: () => boolean): Promise<void> {
    try {
      for (const organisationId of (await this.eventLog.heads()).keys()) {
        for (const serverId of await this.servers.active(organisationId)) {
          if (isStopped()) return;
          await this.notice.run(organisationId, serverId);
        }
      }
    } catch (caught) {
      this.log.warn({ event: 'drift.failed', err: caught }, 'the servers could not be looked at');
    }
  }
}
