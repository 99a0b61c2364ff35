import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { OrganisationId, Scheduler, ServerId } from '@sallyport/kernel';
import type { OperatorFile } from '@sallyport/operator-file';

import { PART } from '../../platform/parts.js';
import { RepeatedTask } from '../../platform/repeated-task.js';
import { NoticeTools } from './commands/notice-tools.js';

/** Looks again and again at whether active servers still list what a person approved, and at once where there is a hint. */
@Injectable()
export class DriftWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly task: RepeatedTask;
  private readonly hints = new Set<Promise<void>>();

  constructor(
    @Inject(NoticeTools) private readonly notice: NoticeTools,
    @Inject(PART.operatorFile) operatorFile: OperatorFile,
    @Inject(PART.scheduler) scheduler: Scheduler,
  ) {
    this.task = new RepeatedTask(scheduler, operatorFile.limits.driftCheckIntervalMs, (isStopped) => this.notice.runAll(isStopped));
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
}
