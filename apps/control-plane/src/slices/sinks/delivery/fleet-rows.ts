import type { DataSource } from 'typeorm';

/**
 * Notes that a fleet is there for so much more, by PostgreSQL's clock, and forgets those that are not. The table is the deployment's:
 * none of its roles is granted anything.
 *
 * @returns how many fleets are there.
 */
export async function attendFleet(dataSource: DataSource, fleet: string, ttlMs: number): Promise<number> {
  return dataSource.transaction(async (rows) => {
    await rows.query('DELETE FROM sink_fleets WHERE present_until <= clock_timestamp()');
    await rows.query(
      `INSERT INTO sink_fleets (fleet, present_until) VALUES ($1, clock_timestamp() + $2::double precision * interval '1 millisecond')
       ON CONFLICT (fleet) DO UPDATE SET present_until = excluded.present_until`,
      [fleet, ttlMs],
    );
    const [row] = await rows.query<{ there: number }[]>('SELECT count(*)::int AS there FROM sink_fleets');
    return row?.there ?? 1;
  });
}

/** Forgets a fleet. */
export async function leaveFleet(dataSource: DataSource, fleet: string): Promise<void> {
  await dataSource.query('DELETE FROM sink_fleets WHERE fleet = $1', [fleet]);
}
