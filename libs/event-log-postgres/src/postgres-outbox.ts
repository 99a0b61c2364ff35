import { eventLogFault, type Outbox, type OutboxLease, type OutboxListener } from '@sallyport/event-log';
import { timerScheduler, type Scheduler } from '@sallyport/kernel';
import pg from 'pg';

import { endQuietly, queriesOf } from './client-queries.js';
import { logFaultOf, orLogFault } from './driver-faults.js';
import { EVENTS_CHANNEL } from './event-rows.js';
import { insertMissingRows } from './outbox-rows.js';
import { PostgresOutboxLease } from './postgres-outbox-lease.js';
import { RELAY_ROLE } from './serving-role.js';

/** PostgreSQL's advisory lock of the lead: arbitrary, but the same in every process of a deployment. */
const LEAD_LOCK = 7_400_002;
const CONNECT_TIMEOUT_MS = 3_000;
/** Longer than this a question is taken for lost; placing a long backlog takes some seconds. */
const QUERY_TIMEOUT_MS = 30_000;

/** What an outbox is made of. */
export interface PostgresOutboxParts {
  /** A login that may become the relay role. A direct connection: a pooler that shares sessions would share the lock. */
  readonly url: string;
  /** The runtime's timers when absent. */
  readonly scheduler?: Scheduler;
}

/**
 * The outbox in PostgreSQL. The lead is an advisory lock, held by the connection that everything is done on: whoever lost it
 * has no connection to do anything with. A process that stands still loses it too: the connection ends when nothing was asked
 * for `IDLE_TIMEOUT_MS`.
 */
export class PostgresOutbox implements Outbox {
  /** The connection of one who does not lead, kept for the next try. */
  private standby: pg.Client | undefined;
  private closed = false;

  constructor(private readonly parts: PostgresOutboxParts) {}

  tryLead(listener: OutboxListener): Promise<OutboxLease | undefined> {
    return orLogFault(async () => {
      if (this.closed) throw eventLogFault.closed('the outbox was closed');
      const client = this.standby ?? (await this.connect());
      this.standby = undefined;
      try {
        if (await takesLock(client)) return await this.lead(client, listener);
      } catch (caught) {
        void endQuietly(client);
        throw caught;
      }
      this.keep(client);
      return undefined;
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    const { standby } = this;
    this.standby = undefined;
    if (standby !== undefined) await endQuietly(standby);
  }

  private async lead(client: pg.Client, listener: OutboxListener): Promise<OutboxLease> {
    await client.query(`LISTEN ${EVENTS_CHANNEL}`);
    await insertMissingRows(queriesOf(client));
    return new PostgresOutboxLease(client, listener, this.parts.scheduler ?? timerScheduler(globalThis));
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.parts.url,
      application_name: 'sallyport relay',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
    });
    // A connection that breaks while nothing is asked says so here; without a listener the process would end.
    client.on('error', () => this.forget(client));
    client.on('end', () => this.forget(client));
    try {
      await client.connect();
      await client.query(SESSION);
    } catch (caught) {
      void endQuietly(client);
      throw logFaultOf(caught);
    }
    return client;
  }

  private keep(client: pg.Client): void {
    if (this.closed) void endQuietly(client);
    else this.standby = client;
  }

  private forget(client: pg.Client): void {
    if (this.standby === client) this.standby = undefined;
  }
}

/** How long PostgreSQL lets the connection stand idle, or its answers unread, before it ends it and with it the lead. */
const IDLE_TIMEOUT_MS = 4_000;

const SESSION = `SET ROLE ${RELAY_ROLE};
  SET idle_session_timeout = ${IDLE_TIMEOUT_MS};
  SET idle_in_transaction_session_timeout = ${IDLE_TIMEOUT_MS};
  SET tcp_user_timeout = ${IDLE_TIMEOUT_MS}`;

async function takesLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [LEAD_LOCK]);
  return rows[0]?.taken === true;
}
