import type { DomainEvent } from '@sallyport/domain-events';
import { eventLogFault, type FeedSource } from '@sallyport/event-log';
import type { OrganisationId, Revision } from '@sallyport/kernel';
import pg from 'pg';

import { endQuietly, queriesOf } from './client-queries.js';
import { orLogFault } from './driver-faults.js';
import { EVENTS_CHANNEL, selectHeads, selectPage } from './event-rows.js';
import type { Queries } from './queries.js';
import { FOLLOWER_ROLE } from './serving-role.js';

const CONNECT_TIMEOUT_MS = 3_000;
/** Longer than this a question is taken for lost: a connection can die without either side being told. */
const QUERY_TIMEOUT_MS = 5_000;

/**
 * A follower's own connection: reads as the follower role and listens for news. It is made when something is asked, and thrown
 * away after any error, so the next question makes a new one. It listens before it answers, so no news falls between.
 */
export class FeedConnection implements FeedSource {
  private open: Promise<pg.Client> | undefined;
  /** The connection that stands, to tell its loss from that of one already thrown away. */
  private standing: pg.Client | undefined;
  private closed = false;

  /** @param onNews Called when an organisation has moved, and when the connection was lost. */
  constructor(
    private readonly url: string,
    private readonly onNews: () => void,
  ) {}

  heads(): Promise<ReadonlyMap<OrganisationId, Revision>> {
    return this.asking(selectHeads);
  }

  read(organisationId: OrganisationId, after: Revision, limit: number): Promise<readonly DomainEvent[]> {
    return this.asking((queries) => selectPage(queries, organisationId, { after, limit }));
  }

  /** Ends the connection; a question under way fails. */
  async close(): Promise<void> {
    this.closed = true;
    const open = this.open;
    this.open = undefined;
    if (open !== undefined) await open.then(endQuietly, () => undefined);
  }

  private asking<Value>(ask: (queries: Queries) => Promise<Value>): Promise<Value> {
    return orLogFault(async () => {
      if (this.closed) throw eventLogFault.closed('the follower’s connection was closed');
      this.open ??= this.connect();
      const open = this.open;
      try {
        return await ask(queriesOf(await open));
      } catch (caught) {
        this.forget(open);
        throw caught;
      }
    });
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'sallyport feed',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
    });
    client.on('notification', () => this.onNews());
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    try {
      await client.connect();
      await client.query(`SET ROLE ${FOLLOWER_ROLE}; SET default_transaction_read_only = on; LISTEN ${EVENTS_CHANNEL}`);
    } catch (caught) {
      void endQuietly(client);
      throw caught;
    }
    this.standing = client;
    return client;
  }

  private lost(client: pg.Client): void {
    if (this.closed || this.standing !== client) return;
    this.standing = undefined;
    this.open = undefined;
    this.onNews();
  }

  private forget(open: Promise<pg.Client>): void {
    if (this.open === open) {
      this.open = undefined;
      this.standing = undefined;
    }
    void open.then(endQuietly, () => undefined);
  }
}
