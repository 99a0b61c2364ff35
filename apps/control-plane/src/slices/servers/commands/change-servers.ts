import { Inject, Injectable } from '@nestjs/common';
import type { ServerCommand } from '@sallyport/control-domain';
import { refuse, type Result } from '@sallyport/kernel';
import type { ToolCategory, ToolRisk } from '@sallyport/policy-engine';
import type { SecretBox } from '@sallyport/secrets';

import { askedCommand, type Asked } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed, type Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { PART } from '../../../platform/parts.js';
import { OrganisationRow } from '../../organisations/read/organisation-row.entity.js';
import { findServer } from '../read/server-queries.js';
import { serverRefusals } from '../server-refusals.js';
import { decideOnServer, type ServerIds } from './decide-on-server.js';
import { ServerEgress } from './server-egress.js';
import { checkedHeaders, sealHeaders, type HeaderInput } from './server-headers.js';

/** A server, by id or slug. */
export interface ServerRefInput extends Asked {
  readonly server: string;
}
/** What shall change about a server; `timeout` in milliseconds. */
export interface UpdateServerInput extends ServerRefInput {
  readonly url?: string | null | undefined;
  readonly setHeaders?: readonly HeaderInput[] | null | undefined;
  readonly removeHeaders?: readonly string[] | null | undefined;
  readonly timeout?: number | null | undefined;
}

/** What shall be said of a tool; `undefined` keeps what is, `null` takes it away. */
export interface LabelToolInput extends ServerRefInput {
  readonly tool: string;
  readonly category?: ToolCategory | null | undefined;
  readonly risk?: ToolRisk | null | undefined;
}

type Answer = Promise<Result<Committed<ServerIds>, Refusal>>;

/** Changes servers without asking their upstreams. */
@Injectable()
export class ChangeServers {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(ServerEgress) private readonly egress: ServerEgress,
    @Inject(PART.secretBox) private readonly box: SecretBox,
  ) {}

  /** Changes address, headers or time limit. */
  async update(input: UpdateServerInput, caller: Caller): Answer {
    const headers = checkedHeaders(input.setHeaders, '/setHeaders');
    if (!headers.ok) return headers;
    return this.runner.run<ServerIds>(askedCommand('updateServer', input, caller), (session) => this.updated(session, input, headers.value));
  }

  /** Has every call to the server refused. */
  disable(input: ServerRefInput, caller: Caller): Answer {
    return this.runner.run<ServerIds>(askedCommand('disableServer', input, caller), (session) => onServer(session, input.server, { type: 'disable' }));
  }

  /** Lets policy decide calls to the server again. */
  enable(input: ServerRefInput, caller: Caller): Answer {
    return this.runner.run<ServerIds>(askedCommand('enableServer', input, caller), (session) => onServer(session, input.server, { type: 'enable' }));
  }

  /** Says what a tool does and how much harm it can do. */
  label(input: LabelToolInput, caller: Caller): Answer {
    const { server, tool, category, risk } = input;
    return this.runner.run<ServerIds>(askedCommand('labelTool', input, caller), (session) => onServer(session, server, { type: 'label-tool', tool, category, risk }));
  }

  private async updated(session: CommandSession, input: UpdateServerInput, headers: readonly HeaderInput[]): Promise<Result<Done<ServerIds>, Refusal>> {
    const { organisationId, rows } = session;
    const organisation = await rows.findOneByOrFail(OrganisationRow, { organisationId });
    const row = await findServer(rows, organisationId, input.server);
    if (row === null) return refuse(refusalAt(serverRefusals, { code: 'server.unknown', pointer: '/server' }));
    const { serverId } = row;
    const decided = await decideOnServer(session, serverId, [
      {
        type: 'update',
        url: input.url ?? undefined,
        setHeaders: sealHeaders(this.box, { organisationId, serverId, wrappedKey: organisation.wrappedKey }, headers),
        removeHeaders: input.removeHeaders ?? [],
        timeoutMs: input.timeout ?? undefined,
      },
    ]);
    if (!decided.ok || typeof input.url !== 'string') return decided;
    const refusal = this.egress.refusalOf(input.url, organisation);
    return refusal === undefined ? decided : refuse(refusal);
  }
}

/** Decides one command on a server by id or slug. */
export async function onServer(session: CommandSession, named: string, command: ServerCommand): Promise<Result<Done<ServerIds>, Refusal>> {
  const row = await findServer(session.rows, session.organisationId, named);
  if (row === null) return refuse(refusalAt(serverRefusals, { code: 'server.unknown', pointer: '/server' }));
  return decideOnServer(session, row.serverId, [command]);
}
