import type pg from 'pg';

import type { Queries } from './queries.js';

/** A connection of one's own as something that answers rows. */
export function queriesOf(client: pg.Client): Queries {
  return {
    async query<Rows>(statement: string, values: readonly unknown[]): Promise<Rows> {
      const { rows } = await client.query(statement, [...values]);
      return rows as Rows;
    },
  };
}

/** Ends a connection; what comes of ending one that may be dead already is of no interest. */
export function endQuietly(client: pg.Client): Promise<void> {
  return client.end().catch(() => undefined);
}
