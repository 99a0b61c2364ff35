import type { OrganisationId } from '@sallyport/kernel';
import type { StdioEntry } from '@sallyport/operator-file';
import { StdioServer } from '@sallyport/upstream';
import type { Logger } from 'pino';

import type { OrganisationSnapshot } from '../snapshot/organisation-snapshot.js';

/** The processes of the operator's file, and whose they are. The only place from which one is started. */
export class StdioServers {
  private readonly running: readonly { readonly entry: StdioEntry; readonly server: StdioServer }[];

  /** @param organisations what an entry without an organisation is resolved against: it belongs to the first that was created. */
  constructor(
    entries: readonly StdioEntry[],
    private readonly organisations: ReadonlyMap<OrganisationId, OrganisationSnapshot>,
    log: Logger,
  ) {
    this.running = entries.map((entry) => ({
      entry,
      server: new StdioServer(entry, { onEvent: (event) => log.info({ event: `stdio.${event.type}`, server: entry.slug, ...event }, 'stdio server') }),
    }));
  }

  /** The process behind a server of kind `stdio`; `undefined` when this machine's file has none for it. */
  of(organisation: OrganisationSnapshot, slug: string): StdioServer | undefined {
    return this.running.find(({ entry }) => entry.slug === slug && this.belongs(entry, organisation))?.server;
  }

  /** Ends every process. */
  async stop(): Promise<void> {
    await Promise.all(this.running.map(({ server }) => server.stop()));
  }

  private belongs(entry: StdioEntry, organisation: OrganisationSnapshot): boolean {
    if (entry.organisation !== undefined) return entry.organisation === organisation.slug || entry.organisation === organisation.organisationId;
    for (const id of this.organisations.keys()) if (id < organisation.organisationId) return false;
    return true;
  }
}
