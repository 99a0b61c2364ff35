import { eventLogFault, type Publications } from '@sallyport/event-log';
import { timerScheduler, type OrganisationId, type Revision, type Scheduler } from '@sallyport/kernel';
import pg from 'pg';
import type { DataSource } from 'typeorm';

import { endQuietly } from './client-queries.js';
import { orLogFault } from './driver-faults.js';
import { PUBLISHED_CHANNEL, selectPublishedMsAgo } from './outbox-rows.js';
import { inOrganisation } from './serving-role.js';

const CONNECT_TIMEOUT_MS = 3_000;
/** Notifications only make the next look come sooner; one that is lost costs this much. */
const LOOK_AGAIN_MS = 250;

/** What it is made of. */
export interface PostgresPublicationsParts {
  readonly dataSource: DataSource;
  /** For a connection of its own that listens while somebody waits. */
  readonly url: string;
  /** The runtime's timers when absent. */
  readonly scheduler?: Scheduler;
}

/** How far the relay came, from what it notes in the outbox. */
export class PostgresPublications implements Publications {
  private readonly waiting = new Set<() => void>();
  private listening: Promise<pg.Client | undefined> | undefined;
  private closed = false;

  constructor(private readonly parts: PostgresPublicationsParts) {}

  async whenPublished(organisationId: OrganisationId, revision: Revision, timeoutMs: number): Promise<number | null> {
    if (revision < 1) return 0;
    let left = true;
    const callOff = this.scheduler.after(timeoutMs, () => {
      left = false;
      this.wakeAll();
    });
    try {
      for (;;) {
        const woken = timeoutMs === 0 ? undefined : this.wake();
        const ago = await this.publishedMsAgo(organisationId, revision);
        if (ago !== null || woken === undefined || !left) return ago;
        await woken;
      }
    } finally {
      callOff();
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    this.wakeAll();
    const client = await this.listening;
    if (client !== undefined) await endQuietly(client);
  }

  private publishedMsAgo(organisationId: OrganisationId, revision: Revision): Promise<number | null> {
    if (this.closed) throw eventLogFault.closed('nobody waits for publications any more');
    return orLogFault(() => inOrganisation(this.parts.dataSource, organisationId, (manager) => selectPublishedMsAgo(manager, organisationId, revision)));
  }

  /** Resolves at the next news, or a little later without any. Asked for before the look, so that no news falls between. */
  private wake(): Promise<void> {
    this.listening ??= this.listen();
    return new Promise((resolve) => {
      const callOff = this.scheduler.after(LOOK_AGAIN_MS, () => wake());
      const wake = (): void => {
        callOff();
        this.waiting.delete(wake);
        resolve();
      };
      this.waiting.add(wake);
    });
  }

  private wakeAll(): void {
    for (const wake of [...this.waiting]) wake();
  }

  /** `undefined` when no connection can be had; the next who waits tries again. */
  private async listen(): Promise<pg.Client | undefined> {
    const client = new pg.Client({
      connectionString: this.parts.url,
      application_name: 'sallyport publications',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    });
    const forget = (): void => {
      this.listening = undefined;
    };
    client.on('notification', () => this.wakeAll());
    client.on('error', forget);
    client.on('end', forget);
    try {
      await client.connect();
      await client.query(`LISTEN ${PUBLISHED_CHANNEL}`);
      return client;
    } catch {
      // Looking again now and then does without notifications.
      void endQuietly(client);
      forget();
      return undefined;
    }
  }

  private get scheduler(): Scheduler {
    return this.parts.scheduler ?? timerScheduler(globalThis);
  }
}
