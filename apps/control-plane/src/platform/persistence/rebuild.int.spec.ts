import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { appSlices } from '../../app-slices.js';
import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { anOrganisation } from '../../testing/an-organisation.js';
import { busyOrganisation } from '../../testing/busy-organisation.js';
import { ToolShelf } from '../../testing/tool-shelf.js';
import { dumpOf, tablesOf, withDatabase } from '../../testing/tables-of.js';
import { REBUILD_LOCK } from './rebuild-lock.js';

const REBUILD = 'mutation { rebuildProjections { events tables } }';

describe('rebuilding the projections', () => {
  let world: TestControlPlane;
  const tables = appSlices.flatMap((slice) => slice.projectors).flatMap((projector) => projector.tables);
  const dump = () => withDatabase(world.database.url, (client) => dumpOf(client, tables));
  beforeAll(async () => {
    const shelf = new ToolShelf();
    world = await aControlPlane({ inspect: shelf.inspect });
    for (const name of ['One', 'Two']) await busyOrganisation(world, await anOrganisation(world, name), shelf);
  });
  afterAll(() => world.close());

  it('gives identical rows in every table [log/rebuild]', async () => {
    const before = await dump();
    const empty = Object.entries(before).filter(([, rows]) => rows.length === 0).map(([table]) => table);
    expect(empty, 'tables this test says nothing about').toEqual([]);
    const { data } = await world.ask(REBUILD);
    expect((data?.['rebuildProjections'] as { events: number }).events).toBeGreaterThan(10);
    expect(await dump()).toEqual(before);
  });

  it('removes rows that no event accounts for', async () => {
    const before = await dump();
    await withDatabase(world.database.url, async (client) => {
      await client.query("UPDATE members SET role = 'admin'");
      await client.query('DELETE FROM admin_tokens WHERE NOT operator');
    });
    await world.ask(REBUILD);
    expect(await dump()).toEqual(before);
  });

  it('leaves alone what is no projection', async () => {
    const others = await withDatabase(world.database.url, async (client) => {
      const kept = (await tablesOf(client)).filter((table) => !tables.includes(table) && table !== 'token_uses');
      return { kept, before: await dumpOf(client, kept) };
    });
    await world.ask(REBUILD);
    expect(await withDatabase(world.database.url, (client) => dumpOf(client, others.kept))).toEqual(others.before);
  });

  it('waits for commands under way, and commands wait for it', async () => {
    const waiting = () => withDatabase(world.database.url, async (client) => (await client.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")).rowCount);
    const command = 'mutation { addMember(input: { name: "later", role: viewer }) { __typename } }';
    for (const [held, query] of [['pg_advisory_xact_lock_shared', REBUILD], ['pg_advisory_xact_lock', command]] as const) {
      const asked = await withDatabase(world.database.url, async (client) => {
        await client.query('BEGIN');
        await client.query(`SELECT ${held}($1)`, [REBUILD_LOCK]);
        const answer = world.ask(query);
        await expect.poll(waiting, { timeout: 10_000, interval: 10 }).toBe(1);
        await client.query('COMMIT');
        return answer;
      });
      expect(asked.errors).toEqual([]);
    }
  });

  it('does not lose a change that is made meanwhile', async () => {
    const changes = Array.from({ length: 10 }, (_, index) => world.ask(`mutation { addMember(input: { name: "m${index}", role: viewer }) { __typename } }`));
    await Promise.all([...changes, world.ask(REBUILD), world.ask(REBUILD)]);
    const before = await dump();
    await world.ask(REBUILD);
    expect(await dump()).toEqual(before);
    expect(before['members']?.filter((row) => /"name": "m\d"/.test(row))).toHaveLength(10);
  });
});
