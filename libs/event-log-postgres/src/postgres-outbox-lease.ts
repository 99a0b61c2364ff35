import { eventLogFault, type OutboxLease, type OutboxListener, type OutboxRow } from '@sallyport/event-log';
import type { Fault, Scheduler } from '@sallyport/kernel';
import type pg from 'pg';

import { endQuietly, queriesOf } from './client-queries.js';
import { logFaultOf } from './driver-faults.js';
import { deletePublished, insertMissingRows, notePublished, placeRows, selectPlaced, selectPublished } from './outbox-rows.js';
import type { Queries } from './queries.js';

/** How often a leader shows PostgreSQL that its process is not standing still, whatever else it waits for. */
const SIGN_OF_LIFE_MS = 1_000;

/** The lead, as long as one connection stands. Any error ends the connection and the lead with it. */
export class PostgresOutboxLease implements OutboxLease {
  private lost: Fault | undefined;
  private stopSigns: () => void = () => undefined;

  constructor(
    private readonly client: pg.Client,
    private readonly listener: OutboxListener,
    private readonly scheduler: Scheduler,
  ) {
    client.on('notification', () => this.listener.onNews());
    client.on('error', (caught) => this.lose(logFaultOf(caught)));
    client.on('end', () => this.lose(eventLogFault.unreachable('the connection that held the lead has ended')));
    this.giveSign();
  }

  async place(): Promise<number> {
    return this.asking(async (queries) => {
      const placed = await placeRows(queries);
      if (placed.leftOut === 0) return placed.newest;
      await insertMissingRows(queries);
      return (await placeRows(queries)).newest;
    });
  }

  read(after: number): Promise<readonly OutboxRow[]> {
    return this.asking((queries) => selectPlaced(queries, after));
  }

  published(): Promise<number> {
    return this.asking(selectPublished);
  }

  markPublished(upTo: number): Promise<void> {
    return this.asking((queries) => notePublished(queries, upTo));
  }

  tidy(olderThanMs: number): Promise<number> {
    return this.asking(async (queries) => {
      await insertMissingRows(queries);
      return deletePublished(queries, olderThanMs);
    });
  }

  async release(): Promise<void> {
    if (this.lost !== undefined) return;
    this.lost = eventLogFault.closed('the lead was given up');
    this.stopSigns();
    await endQuietly(this.client);
  }

  private async asking<Value>(ask: (queries: Queries) => Promise<Value>): Promise<Value> {
    if (this.lost !== undefined) throw this.lost;
    try {
      return await ask(queriesOf(this.client));
    } catch (caught) {
      const fault = logFaultOf(caught);
      this.lose(fault);
      throw fault;
    }
  }

  private lose(fault: Fault): void {
    if (this.lost !== undefined) return;
    this.lost = fault;
    this.stopSigns();
    void endQuietly(this.client);
    this.listener.onLost(fault);
  }

  private giveSign(): void {
    if (this.lost !== undefined) return;
    this.stopSigns = this.scheduler.after(SIGN_OF_LIFE_MS, () => {
      void this.asking((queries) => queries.query('SELECT 1', [])).then(
        () => this.giveSign(),
        () => undefined, // the loss was told already
      );
    });
  }
}
