import { Inject, Injectable } from '@nestjs/common';
import { evolveServer, noServer, type Server } from '@sallyport/control-domain';
import { foldEvents, type EventLog } from '@sallyport/event-log';
import type { OrganisationId, ServerId } from '@sallyport/kernel';
import type { SecretBox } from '@sallyport/secrets';
import { Equal } from 'typeorm';

import type { InspectTarget } from '../../../platform/inspect-upstream.js';
import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { OrganisationRow } from '../../organisations/read/organisation-row.entity.js';
import { findServer } from '../read/server-queries.js';
import { ServerRow } from '../read/server-row.entity.js';
import { openUpstream } from './server-headers.js';

/** A server as its events make it, with how to reach it. */
export interface KnownServer {
  readonly state: Exclude<Server, { readonly status: 'absent' }>;
  /** Version of its stream. */
  readonly version: number;
  /** Holds its secrets in the clear: use it and let it go. */
  readonly target: InspectTarget;
}

/** Reads servers outside of commands, for listing them. */
@Injectable()
export class KnownServers {
  constructor(
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(PART.eventLog) private readonly log: EventLog,
    @Inject(PART.secretBox) private readonly box: SecretBox,
  ) {}

  /** One server by id or slug. @throws {Fault} `secrets.cannot_open` when a header is not this deployment's. */
  async find(organisationId: OrganisationId, named: string): Promise<KnownServer | undefined> {
    const rows = await this.reader.read(organisationId, async (manager) => ({
      server: await findServer(manager, organisationId, named),
      organisation: await manager.findOneByOrFail(OrganisationRow, { organisationId }),
    }));
    if (rows.server === null) return undefined;
    const { serverId } = rows.server;
    const events = await this.log.readObject(organisationId, { kind: 'server', id: serverId });
    const state = foldEvents(events, evolveServer, noServer);
    return state.status === 'absent' ? undefined : { state, version: events.length, target: this.targetOf(state, rows.organisation) };
  }

  /** Ids of an organisation's servers that are not disabled, by slug. */
  async active(organisationId: OrganisationId): Promise<readonly ServerId[]> {
    const where = { organisationId, status: Equal<ServerRow['status']>('active') };
    const rows = await this.reader.read(organisationId, (manager) => manager.find(ServerRow, { where, order: { slug: 'ASC' } }));
    return rows.map((row) => row.serverId);
  }

  private targetOf(state: KnownServer['state'], { organisationId, slug, wrappedKey }: OrganisationRow): InspectTarget {
    const upstream = openUpstream(this.box, { organisationId, serverId: state.serverId, wrappedKey }, state.upstream);
    return { organisationId, organisationSlug: slug, slug: state.slug, upstream, timeoutMs: state.timeoutMs };
  }
}
