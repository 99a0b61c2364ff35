import { Inject, Injectable } from '@nestjs/common';
import pg from 'pg';

import { PART } from '../../../platform/parts.js';

/** PostgreSQL's advisory lock of the process that signs: arbitrary, but the same in every process of a deployment. */
const SIGN_LOCK = 7_400_003;
const CONNECT_TIMEOUT_MS = 3_000;
const QUERY_TIMEOUT_MS = 5_000;

/**
 * Whether this process signs: it holds an advisory lock on a connection of its own, and who lost the connection leads no longer. A
 * process that leads by mistake for a moment signs the same heads, which does no harm.
 */
@Injectable()
export class SignerLead {
  private client: pg.Client | undefined;
  private leads = false;

  constructor(@Inject(PART.databaseUrl) private readonly url: string) {}

  /** Asks the database, and takes the lead where nobody has it. Never rejects: without a database nobody leads. */
  async holds(): Promise<boolean> {
    try {
      const client = this.client ?? (await this.connect());
      if (this.leads) await client.query('SELECT 1');
      else this.leads = (await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [SIGN_LOCK])).rows[0]?.taken === true;
      return this.leads;
    } catch {
      // Whatever went wrong, the lock cannot be shown to be held: not leading is the answer, and the next look connects anew.
      this.drop(this.client);
      return false;
    }
  }

  /** Gives the lead up. */
  async close(): Promise<void> {
    const { client } = this;
    this.drop(undefined);
    this.client = undefined;
    await client?.end().catch(() => undefined); // PostgreSQL gives the lock back when the connection is gone, however it went
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'sallyport audit signer',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
    });
    // A connection that breaks while nothing is asked says so here; without a listener the process would end.
    client.on('error', () => this.drop(client));
    client.on('end', () => this.drop(client));
    await client.connect();
    this.client = client;
    return client;
  }

  private drop(client: pg.Client | undefined): void {
    if (client !== this.client) return;
    this.leads = false;
    this.client = undefined;
    if (client !== undefined) void client.end().catch(() => undefined); // it is broken already
  }
}
