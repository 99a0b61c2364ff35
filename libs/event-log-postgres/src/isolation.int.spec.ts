import { anAppend, newIdentity, newOrganisationId } from '@sallyport/event-log/testing';
import { branded, type OrganisationId, type Revision } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { PostgresEventLog } from './postgres-event-log.js';
import { asFollower, FOLLOWER_ROLE, inOrganisation, SERVING_ROLE } from './serving-role.js';
import { type OpenedDataSource, openDataSource } from './testing/open-data-source.js';

const TABLES = ['events', 'organisation_heads', 'outbox'] as const;
const [ours, theirs] = [newOrganisationId(), newOrganisationId()];

let opened: OpenedDataSource;

beforeAll(async () => {
  opened = await openDataSource();
  const log = new PostgresEventLog(opened.dataSource, { outbox: true });
  await log.append(anAppend(ours, [newIdentity(), newIdentity()]));
  await log.append(anAppend(theirs, [newIdentity(), newIdentity(), newIdentity()]));
});
afterAll(async () => opened?.close());

const inOurs = <Value>(work: (manager: EntityManager) => Promise<Value>) => inOrganisation(opened.dataSource, ours, work);
const inNone = <Value>(work: (manager: EntityManager) => Promise<Value>) =>
  opened.dataSource.transaction(async (manager) => {
    await manager.query(`SET LOCAL ROLE ${SERVING_ROLE}`);
    return work(manager);
  });

async function organisationsIn(manager: EntityManager, table: string): Promise<OrganisationId[]> {
  const rows = await manager.query<{ organisation_id: OrganisationId }[]>(`SELECT DISTINCT organisation_id FROM ${table}`);
  return rows.map((row) => row.organisation_id);
}

describe('the serving role', () => {
  it('meets every table with an organisation under forced row level security', async () => {
    const rows = await opened.dataSource.query<{ table: string; locked: boolean }[]>(
      `SELECT c.relname AS table, c.relrowsecurity AND c.relforcerowsecurity AS locked FROM pg_class c
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organisation_id' AND NOT a.attisdropped
       WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace ORDER BY 1`,
    );
    expect(rows).toEqual(TABLES.map((table) => ({ table, locked: true })));
  });

  it('owns nothing and cannot step around it', async () => {
    const roles = await opened.dataSource.query(
      `SELECT rolname, rolsuper OR rolbypassrls OR rolcanlogin OR rolcreaterole OR rolcreatedb AS mighty,
              EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid) AS owns
       FROM pg_roles WHERE rolname IN ($1, $2) ORDER BY 1`,
      [SERVING_ROLE, FOLLOWER_ROLE],
    );
    expect(roles).toEqual([FOLLOWER_ROLE, SERVING_ROLE].map((rolname) => ({ rolname, mighty: false, owns: false })));
  });

  it.each(TABLES)('sees its own organisation’s rows of %s and no other’s [organisations/isolated]', async (table) => {
    expect(await inOurs((manager) => organisationsIn(manager, table))).toEqual([ours]);
    expect(await inOurs((manager) => manager.query(`SELECT FROM ${table} WHERE organisation_id = $1`, [theirs]))).toEqual([]);
  });

  it('cannot insert a row of another organisation', async () => {
    const insertHead = (id: OrganisationId) => inOurs((manager) => manager.query('INSERT INTO organisation_heads VALUES ($1, 0, now())', [id]));
    await expect(insertHead(newOrganisationId())).rejects.toMatchObject({ code: '42501' });
    const copyEvent = inOurs((manager) =>
      manager.query(
        `INSERT INTO events SELECT $1, 9, object_kind, object_id, 9, gen_random_uuid(), occurred_at, type, type_version, body FROM events LIMIT 1`,
        [theirs],
      ),
    );
    await expect(copyEvent).rejects.toMatchObject({ code: '42501' });
  });

  it('gets the same answer for a row that another organisation has as for one that nobody has', async () => {
    const failing = (id: OrganisationId) =>
      inOurs((manager) => manager.query('INSERT INTO organisation_heads VALUES ($1, 0, now())', [id])).catch((caught: Error) => caught.message);
    expect(await failing(theirs)).toBe(await failing(newOrganisationId()));
  });

  it('changes no row of another organisation, and moves no row into one', async () => {
    const [, touched] = await inOurs((manager) => manager.query<[unknown, number]>('UPDATE organisation_heads SET revision = 99 WHERE organisation_id = $1', [theirs]));
    expect(touched).toBe(0);
    await expect(inOurs((manager) => manager.query('UPDATE organisation_heads SET organisation_id = $1', [newOrganisationId()]))).rejects.toMatchObject({ code: '42501' });
  });

  it.each(['UPDATE events SET type_version = 9', 'DELETE FROM events', 'DELETE FROM organisation_heads', 'TRUNCATE events'])(
    'may not do this even to its own rows: %s',
    async (statement) => {
      await expect(inOurs((manager) => manager.query(statement))).rejects.toMatchObject({ code: '42501' });
    },
  );

  it.each(TABLES)('sees no row of %s when no organisation was entered, and writes none', async (table) => {
    expect(await inNone((manager) => organisationsIn(manager, table))).toEqual([]);
    await expect(inNone((manager) => manager.query('INSERT INTO organisation_heads VALUES ($1, 0, now())', [ours]))).rejects.toMatchObject({ code: '42501' });
  });

  it('leaves nothing behind on its connection, committed or rolled back', async () => {
    const runner = opened.dataSource.createQueryRunner();
    try {
      for (const end of ['commitTransaction', 'rollbackTransaction'] as const) {
        await runner.startTransaction();
        await runner.query(`SELECT set_config('role', '${SERVING_ROLE}', true), set_config('app.organisation', $1, true)`, [ours]);
        await runner[end]();
        const [after] = await runner.query("SELECT current_user = session_user AS restored, NULLIF(current_setting('app.organisation', true), '') AS organisation");
        expect(after).toEqual({ restored: true, organisation: null });
        await runner.query(`SET ROLE ${SERVING_ROLE}`);
        expect(await runner.query('SELECT FROM events')).toEqual([]);
        await runner.query('RESET ROLE');
      }
    } finally {
      await runner.release();
    }
  });
});

describe('the follower role', () => {
  it('sees every organisation and changes none', async () => {
    const seen = await asFollower(opened.dataSource, (manager) => organisationsIn(manager, 'events'));
    expect(seen.toSorted()).toEqual([ours, theirs].toSorted());
    for (const statement of ['INSERT INTO organisation_heads VALUES (gen_random_uuid(), 0, now())', 'UPDATE organisation_heads SET revision = 9', 'DELETE FROM events']) {
      const alone = opened.dataSource.transaction(async (manager) => {
        await manager.query(`SET LOCAL ROLE ${FOLLOWER_ROLE}`);
        await manager.query(statement);
      });
      await expect(alone).rejects.toMatchObject({ code: '42501' });
    }
  });
});

describe('one organisation’s transaction', () => {
  it('reads nothing of another’s through the log’s own methods', async () => {
    const log = new PostgresEventLog(opened.dataSource);
    const page = { after: branded<Revision>(0), limit: 10 };
    const [own, other] = await inOurs(async (manager) => [await log.readWithin(manager, ours, page), await log.readWithin(manager, theirs, page)] as const);
    expect([own.length, other.length]).toEqual([2, 0]);
  });
});
