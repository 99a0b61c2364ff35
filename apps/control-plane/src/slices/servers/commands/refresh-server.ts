import { Inject, Injectable } from '@nestjs/common';
import { evolveServer, noServer } from '@sallyport/control-domain';
import type { Upstream } from '@sallyport/domain-events';
import { refuse, type Result } from '@sallyport/kernel';

import { askedCommand } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { serverRefusals } from '../server-refusals.js';
import type { ServerRefInput } from './change-servers.js';
import { decideOnServer, type ServerIds } from './decide-on-server.js';
import { KnownServers } from './known-server.js';
import { ListTools } from './list-tools.js';

/** Lists a server's tools again and approves what was listed. */
@Injectable()
export class RefreshServer {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(KnownServers) private readonly servers: KnownServers,
    @Inject(ListTools) private readonly listTools: ListTools,
  ) {}

  /** Refused when the upstream cannot be listed; what was approved stays as it is then. */
  async run(input: ServerRefInput, caller: Caller): Promise<Result<Committed<ServerIds>, Refusal>> {
    const command = askedCommand('refreshServer', input, caller);
    if (await this.runner.wasAnswered(command)) return this.runner.run<ServerIds>(command, async () => refuse(UNKNOWN));
    const known = await this.servers.find(caller.organisationId, input.server);
    if (known === undefined) return refuse(UNKNOWN);
    const listing = await this.listTools.run(known.target);
    if (!listing.ok) return listing;
    const { serverId, upstream } = known.state;
    return this.runner.run<ServerIds>(command, async (session) => {
      if (!(await isStill(session, serverId, upstream))) return refuse(MOVED_ON);
      return decideOnServer(session, serverId, [{ type: 'approve-tools', listing: listing.value }]);
    });
  }
}

const UNKNOWN = refusalAt(serverRefusals, { code: 'server.unknown', pointer: '/server' });
const MOVED_ON: Refusal = { code: 'moved_on', message: 'The server was changed while its tools were listed. Refresh again.', pointer: '/server' };

/** Whether what was listed is still where the server is. */
async function isStill(session: CommandSession, serverId: ServerIds['serverId'], upstream: Upstream): Promise<boolean> {
  const { state } = await session.load({ kind: 'server', id: serverId }, { initial: noServer, evolve: evolveServer });
  return state.status !== 'absent' && JSON.stringify(state.upstream) === JSON.stringify(upstream);
}
