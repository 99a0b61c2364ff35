import { Inject, Injectable } from '@nestjs/common';
import { evolveServer, noServer, type ServerCommand } from '@sallyport/control-domain';
import type { Actor } from '@sallyport/domain-events';
import type { EventLog } from '@sallyport/event-log';
import type { OrganisationId, ServerId } from '@sallyport/kernel';
import type { Logger } from 'pino';

import { CommandRunner } from '../../../platform/commands/command-runner.js';
import { PART } from '../../../platform/parts.js';
import { decideOnServer, type ServerIds } from './decide-on-server.js';
import { KnownServers } from './known-server.js';
import { ListTools } from './list-tools.js';

const DRIFT_WATCH: Actor = { kind: 'system', name: 'drift-watch' };

/**
 * Lists a server and records the tools that are no longer what a person approved: calls to them are then refused as
 * `quarantined`. A server that cannot be listed is left as it is, and why is logged.
 */
@Injectable()
export class NoticeTools {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(KnownServers) private readonly servers: KnownServers,
    @Inject(ListTools) private readonly listTools: ListTools,
    @Inject(PART.eventLog) private readonly eventLog: EventLog,
    @Inject(PART.log) private readonly log: Logger,
  ) {}

  /** Looks at one server; at a disabled or never approved one there is nothing to see. Never throws. */
  async run(organisationId: OrganisationId, serverId: ServerId): Promise<void> {
    try {
      await this.look(organisationId, serverId);
    } catch (caught) {
      this.log.warn({ event: 'drift.failed', organisationId, serverId, err: caught }, 'a server could not be looked at');
    }
  }

  /** Looks at every active server of every organisation, one after the other, until it is stopped. Never throws. */
  async runAll(isStopped: () => boolean): Promise<void> {
    try {
      for (const organisationId of (await this.eventLog.heads()).keys()) {
        for (const serverId of await this.servers.active(organisationId)) {
          if (isStopped()) return;
          await this.run(organisationId, serverId);
        }
      }
    } catch (caught) {
      this.log.warn({ event: 'drift.failed', err: caught }, 'the servers could not be looked at');
    }
  }

  /** What was changed while it was being listed is left to the next look. */
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
}
