import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { evolveServer, noServer, type ServerCommand } from '@sallyport/control-domain';
import type { Actor } from '@sallyport/domain-events';
import type { EventLog } from '@sallyport/event-log';
import type { OrganisationId, ServerId } from '@sallyport/kernel';
import type { OperatorFile } from '@sallyport/operator-file';
import type { Scheduler } from '@sallyport/upstream';
import type { Logger } from 'pino';

import { CommandRunner } from '../../platform/commands/command-runner.js';
import { PART } from '../../platform/parts.js';
import { OrganisationReader } from '../../platform/persistence/organisation-reader.js';
import { decideOnServer, type ServerIds } from './commands/decide-on-server.js';
import { KnownServers } from './commands/known-server.js';
import { ListTools } from './commands/list-tools.js';
import { ServerRow } from './read/server-row.entity.js';

const DRIFT_WATCH: Actor = { kind: 'system', name: 'drift-watch' };

/**
 * Looks again and again at whether active servers still list what a person approved, and records the tools that differ:
 * calls to them are then refused as `quarantined` until a person refreshes. A server that cannot be listed is left as it is;
 * what it said is logged.
 */
@Injectable()
export class DriftWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private callOff: () => void = () => undefined;
  private isClosed = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(KnownServers) private readonly servers: KnownServers,
    @Inject(ListTools) private readonly listTools: ListTools,
    @Inject(PART.eventLog) private readonly eventLog: EventLog,
    @Inject(PART.scheduler) private readonly scheduler: Scheduler,
    @Inject(PART.operatorFile) private readonly operatorFile: OperatorFile,
    @Inject(PART.log) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.callOff = this.scheduler.after(this.operatorFile.limits.driftCheckIntervalMs, () => {
      this.running = this.checkAll().finally(() => {
        if (!this.isClosed) this.onApplicationBootstrap();
      });
    });
  }

  async onModuleDestroy(): Promise<void> {
    this.isClosed = true;
    this.callOff();
    await this.running;
  }

  /** Looks at every active server of every organisation, one after the other. Never throws. */
  async checkAll(): Promise<void> {
    try {
      for (const organisationId of (await this.eventLog.heads()).keys()) await this.checkOrganisation(organisationId);
    } catch (caught) {
      this.log.warn({ event: 'drift.failed', err: caught }, 'the servers could not be looked at');
    }
  }

  /** Looks at one server now, as when it said itself that its list changed. Never throws. */
  async noticeChange(organisationId: OrganisationId, serverId: ServerId): Promise<void> {
    try {
      await this.look(organisationId, serverId);
    } catch (caught) {
      this.log.warn({ event: 'drift.failed', organisationId, serverId, err: caught }, 'a server could not be looked at');
    }
  }

  /** What was changed while it was being listed is looked at again the next time. */
  private async look(organisationId: OrganisationId, serverId: ServerId): Promise<void> {
    const known = await this.servers.find(organisationId, serverId);
    if (known?.state.status !== 'active' || known.state.approved === null) return;
    const listing = await this.listTools.run(known.target);
    if (!listing.ok) {
      this.log.info({ event: 'drift.not_listed', organisationId, serverId, code: listing.refusal.code }, listing.refusal.message);
      return;
    }
    const seen = listing.value.tools.map(({ name, hash }) => ({ name, hash }));
    const command = { organisationId, actor: DRIFT_WATCH, name: 'noticeTools', input: {} };
    await this.runner.run<ServerIds>(command, async (session) => {
      const { version } = await session.load({ kind: 'server', id: serverId }, { initial: noServer, evolve: evolveServer });
      const commands: readonly ServerCommand[] = version === known.version ? [{ type: 'notice-tools', seen }] : [];
      return decideOnServer(session, serverId, commands);
    });
  }

  private async checkOrganisation(organisationId: OrganisationId): Promise<void> {
    for (const serverId of await this.activeServers(organisationId)) {
      if (this.isClosed) return;
      await this.noticeChange(organisationId, serverId);
    }
  }

  private async activeServers(organisationId: OrganisationId): Promise<readonly ServerId[]> {
    const rows = await this.reader.read(organisationId, (manager) => manager.find(ServerRow, { where: { organisationId, status: 'active' }, order: { slug: 'ASC' } }));
    return rows.map((row) => row.serverId);
  }
}
