import { afterEach, describe, expect, it } from 'vitest';
import { Client } from 'pg';
import { testDatabase } from '@sallyport/test-support';

import { openDataSource } from './data-source.js';
import { isDatabaseAway } from './is-away.js';

describe('a database that is away', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  const thrownBy = async (work: Promise<unknown>): Promise<unknown> => work.then(() => undefined, (caught: unknown) => caught);

  it('is told from one that refuses what it was given', async () => {
    const database = await testDatabase();
    closing.push(() => database.drop());
    const source = await openDataSource(database.url, []);
    closing.push(() => source.destroy());
    expect(isDatabaseAway(await thrownBy(source.query('SELECT 1/0')))).toBe(false);
    expect(isDatabaseAway(await thrownBy(source.query('SELECT pg_terminate_backend(pg_backend_pid())')))).toBe(true);
  });

  it('is known where nothing listens, and where a connection ended in mid-query', async () => {
    const nowhere = new Client('postgres://nobody@127.0.0.1:1/none');
    expect(isDatabaseAway(await thrownBy(nowhere.connect()))).toBe(true);
    expect(isDatabaseAway(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isDatabaseAway(Object.assign(new Error('no such file'), { code: 'ENOENT', syscall: 'open' }))).toBe(false);
    expect(isDatabaseAway('57P03')).toBe(false);
  });
});
