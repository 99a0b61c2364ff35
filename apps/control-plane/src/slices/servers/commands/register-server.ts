import { Inject, Injectable } from '@nestjs/common';
import { decideServer, noServer, type ServerCommand, type ToolListing } from '@sallyport/control-domain';
import { branded, ok, refuse, type Result, type ServerId } from '@sallyport/kernel';
import type { SecretBox } from '@sallyport/secrets';

import { askedCommand, type Asked } from '../../../platform/commands/asked-command.js';
import type { Command } from '../../../platform/commands/command.js';
import { CommandRunner, type Committed } from '../../../platform/commands/command-runner.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { newId } from '../../../platform/new-id.js';
import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { OrganisationRow } from '../../organisations/read/organisation-row.entity.js';
import { findServer } from '../read/server-queries.js';
import { serverRefusals } from '../server-refusals.js';
import { decideOnServer, type ServerIds } from './decide-on-server.js';
import { ListTools } from './list-tools.js';
import { ServerEgress } from './server-egress.js';
import { checkedHeaders, sealHeaders, type HeaderInput } from './server-headers.js';

/** A new server. `timeout` in milliseconds. */
export interface RegisterServerInput extends Asked {
  readonly slug: string;
  readonly url: string;
  readonly headers?: readonly HeaderInput[] | null | undefined;
  readonly timeout: number;
  readonly listTools: boolean;
}

/** The input once its form is known to be right. */
interface Wanted {
  readonly slug: string;
  readonly url: string;
  readonly headers: readonly HeaderInput[];
  readonly timeoutMs: number;
}

const STDIO_URL = /^stdio:/i;

/**
 * Adds an upstream: its form is checked, its tools are listed (outside of any transaction, and before anything is
 * stored), then registration and approval are one change.
 */
@Injectable()
export class RegisterServer {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(ServerEgress) private readonly egress: ServerEgress,
    @Inject(ListTools) private readonly listTools: ListTools,
    @Inject(PART.secretBox) private readonly box: SecretBox,
  ) {}

  /** Registers a server; refused when its tools cannot be listed, unless `listTools` is false. */
  async run(input: RegisterServerInput, caller: Caller): Promise<Result<Committed<ServerIds>, Refusal>> {
    const wanted = wantedFrom(input);
    if (!wanted.ok) return wanted;
    const command = askedCommand('registerServer', input, caller);
    const listing = await this.listingFor(command, wanted.value, input.listTools);
    return listing.ok ? this.register(command, wanted.value, listing.value) : listing;
  }

  private async listingFor(command: Command, wanted: Wanted, listTools: boolean): Promise<Result<ToolListing | null, Refusal>> {
    if (await this.runner.wasAnswered(command)) return ok(null);
    const { organisationId } = command;
    const { organisation, taken } = await this.reader.read(organisationId, async (manager) => ({
      organisation: await manager.findOneByOrFail(OrganisationRow, { organisationId }),
      taken: await findServer(manager, organisationId, wanted.slug),
    }));
    if (taken !== null) return refuse(refusalAt(serverRefusals, { code: 'server.slug_taken', pointer: '/slug' }));
    const refusal = this.egress.refusalOf(wanted.url, organisation);
    if (refusal !== undefined) return refuse(refusal);
    if (!listTools) return ok(null);
    const { slug, url, headers, timeoutMs } = wanted;
    return this.listTools.run({ organisationId, organisationSlug: organisation.slug, slug, upstream: { kind: 'http', url, headers }, timeoutMs });
  }

  private register(command: Command, wanted: Wanted, listing: ToolListing | null): Promise<Result<Committed<ServerIds>, Refusal>> {
    return this.runner.run<ServerIds>(command, async (session) => {
      const { organisationId, rows } = session;
      const { wrappedKey } = await rows.findOneByOrFail(OrganisationRow, { organisationId });
      const serverId = newId<ServerId>(session.now);
      const slugTaken = (await findServer(rows, organisationId, wanted.slug)) !== null;
      const headers = sealHeaders(this.box, { organisationId, serverId, wrappedKey }, wanted.headers);
      const register = registration(wanted, { serverId, slugTaken, headers });
      return decideOnServer(session, serverId, listing === null ? [register] : [register, { type: 'approve-tools', listing }]);
    });
  }
}

/** Checks everything that needs no look-up, so that nothing is sent to an upstream for a command that cannot succeed. */
function wantedFrom(input: RegisterServerInput): Result<Wanted, Refusal> {
  const { slug, url, timeout: timeoutMs } = input;
  if (STDIO_URL.test(url)) return refuse(refusalAt(serverRefusals, { code: 'stdio_from_file_only', pointer: '/url' }));
  const headers = checkedHeaders(input.headers, '/headers');
  if (!headers.ok) return headers;
  const wanted = { slug, url, headers: headers.value, timeoutMs };
  const decided = decideServer(registration(wanted, { serverId: branded<ServerId>(''), slugTaken: false, headers: [] }), noServer);
  return decided.ok ? ok(wanted) : refuse(refusalAt(serverRefusals, decided.refusal));
}

function registration(
  { slug, url, timeoutMs }: Wanted,
  made: { serverId: ServerId; slugTaken: boolean; headers: ReturnType<typeof sealHeaders> },
): ServerCommand {
  const { serverId, slugTaken, headers } = made;
  return { type: 'register', serverId, slug, slugTaken, upstream: { kind: 'http', url, headers }, timeoutMs, source: 'api' };
}
