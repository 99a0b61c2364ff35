import { Inject, Injectable } from '@nestjs/common';
import { TIMEOUT_MS, type ServerCommand } from '@sallyport/control-domain';
import type { Actor } from '@sallyport/domain-events';
import type { Clock, OrganisationId, ServerId } from '@sallyport/kernel';
import type { OperatorFile, StdioEntry } from '@sallyport/operator-file';
import type { DataSource, EntityManager } from 'typeorm';

import { CommandRunner } from '../../../platform/commands/command-runner.js';
import { newId } from '../../../platform/new-id.js';
import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { asSignIn } from '../../../platform/persistence/sign-in-role.js';
import { OrganisationRow } from '../../organisations/read/organisation-row.entity.js';
import { ServerListingRow } from '../read/server-listing-row.entity.js';
import { findServer } from '../read/server-queries.js';
import { decideOnServer, type ServerIds } from './decide-on-server.js';
import { ListTools } from './list-tools.js';

const OPERATOR_FILE: Actor = { kind: 'system', name: 'operator-file' };

/** What became of one entry of the operator's file. `problem` is a sentence for the operator; `null` when all went well. */
export interface StdioOutcome {
  readonly slug: string;
  readonly serverId: ServerId | null;
  readonly problem: string | null;
}

/**
 * Makes servers of the processes that the operator's file names: the only way one is ever registered. An entry that is a
 * server already is left as it is; a new one is listed, and approved as listed, for the file is the operator's act.
 */
@Injectable()
export class RegisterStdioServers {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(ListTools) private readonly listTools: ListTools,
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** Goes through the entries in turn; one that fails keeps no other from being registered. */
  async run(file: OperatorFile): Promise<readonly StdioOutcome[]> {
    const outcomes: StdioOutcome[] = [];
    for (const entry of file.stdio) outcomes.push(await this.register(entry));
    return outcomes;
  }

  private async register(entry: StdioEntry): Promise<StdioOutcome> {
    const { slug } = entry;
    const organisation = await this.organisationOf(entry);
    if (organisation === undefined) return { slug, serverId: null, problem: `No organisation has the slug ${entry.organisation ?? ''}.` };
    const { organisationId } = organisation;
    const { server, isListed } = await this.reader.read(organisationId, (manager) => look(manager, organisationId, slug));
    if (server !== null && server.transport !== 'stdio') return { slug, serverId: server.serverId, problem: TAKEN };
    if (server !== null && isListed) return { slug, serverId: server.serverId, problem: null };
    return this.add(organisation, slug, server?.serverId);
  }

  /** Lists an entry's tools and registers it, or adds the tools to a server that could not be listed when it was registered. */
  private async add({ organisationId, slug: organisationSlug }: OwnerRow, slug: string, known: ServerId | undefined): Promise<StdioOutcome> {
    const timeoutMs = TIMEOUT_MS.standard;
    const listing = await this.listTools.run({ organisationId, organisationSlug, slug, upstream: { kind: 'stdio' }, timeoutMs });
    const serverId = known ?? newId<ServerId>(this.clock.now());
    const commands: ServerCommand[] = [];
    if (known === undefined) {
      commands.push({ type: 'register', serverId, slug, slugTaken: false, upstream: { kind: 'stdio' }, timeoutMs, source: 'operator-file' });
    }
    if (listing.ok) commands.push({ type: 'approve-tools', listing: listing.value });
    const command = { organisationId, actor: OPERATOR_FILE, name: 'registerStdioServer', input: { slug } };
    const done = await this.runner.run<ServerIds>(command, (session) => decideOnServer(session, serverId, commands));
    if (!done.ok) return { slug, serverId: known ?? null, problem: done.refusal.message };
    return { slug, serverId, problem: listing.ok ? null : `Its tools could not be listed, and calls are refused until a refresh: ${listing.refusal.message}` };
  }

  private async organisationOf({ organisation }: StdioEntry): Promise<OwnerRow | undefined> {
    const [row] = await asSignIn(this.dataSource, (manager) =>
      manager.find(OrganisationRow, { where: organisation === undefined ? {} : { slug: organisation }, order: { organisationId: 'ASC' }, take: 1 }),
    );
    return row;
  }
}

type OwnerRow = Pick<OrganisationRow, 'organisationId' | 'slug'>;

async function look(manager: EntityManager, organisationId: OrganisationId, slug: string) {
  const server = await findServer(manager, organisationId, slug);
  const isListed = server !== null && (await manager.existsBy(ServerListingRow, { organisationId, serverId: server.serverId }));
  return { server, isListed };
}

const TAKEN = 'Another server, which is no process, has this slug.';
