import fc from 'fast-check';
import { Client } from 'pg';
import { testDatabase } from '@sallyport/test-support';
import { microTime } from '@sallyport/audit-event';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { byteaArray, instantArray, textArray, uuidArray } from './binary-arrays.js';

const ID = '01990000-0000-7000-8000-0123456789ab';
const HASH = 'ab'.repeat(32);

describe('arrays in PostgreSQL’s own form', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let client: Client;
  beforeAll(async () => {
    database = await testDatabase();
    client = new Client(database.url);
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  /** What PostgreSQL reads, each element as `form` writes it. */
  const read = async (array: Buffer, type: string, form = 'value::text'): Promise<readonly unknown[]> => {
    const { rows } = await client.query<{ read: unknown }>(`SELECT ${form} AS read FROM unnest($1::${type}[]) WITH ORDINALITY AS given (value, n) ORDER BY n`, [array]);
    return rows.map((row) => row.read);
  };

  it('carry any text there is, and nothing where there is none', async () => {
    const texts = ['', 'plain', '"quoted\\", {a,b}', 'NULL', null, 'line\nfeed', 'umlaut ä, 山, 🔒', 'x'.repeat(70_000), null];
    expect(await read(textArray(texts), 'text')).toEqual(texts);
    expect(await read(textArray([]), 'text')).toEqual([]);
    const storable = fc.string({ unit: 'binary' }).map((text) => text.replace(/[\0\p{Cs}]/gu, ''));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(storable)), async (any) => {
        expect(await read(textArray(any), 'text')).toEqual(any);
      }),
      { numRuns: 50 },
    );
  });

  it('carry ids, hashes and instants to the microsecond', async () => {
    expect(await read(uuidArray([ID, null, ID.toUpperCase()]), 'uuid')).toEqual([ID, null, ID]);
    expect(await read(byteaArray([HASH, '00'.repeat(32)], 32), 'bytea', `encode(value, 'hex')`)).toEqual([HASH, '00'.repeat(32)]);
    const instants = ['1970-01-01T00:00:00.000000Z', '1999-12-31T23:59:59.999999Z', '2026-11-22T09:30:00.123456Z', '9999-12-31T23:59:59.999999Z'];
    expect(await read(instantArray(instants), 'timestamptz', `to_char(value AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`)).toEqual(instants);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 253_402_300_799_999 }), async (at) => {
        expect(await read(instantArray([microTime(at)]), 'timestamptz', '(extract(epoch FROM value) * 1000)::bigint::text')).toEqual([String(at)]);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['a text that is no UUID', () => uuidArray([ID, 'x'])],
    ['one with a letter that is no digit', () => uuidArray([ID.replace('b', 'g')])],
    ['one with a digit too many', () => uuidArray([ID, `${ID}0`])],
    ['a long hash', () => byteaArray([`${HASH}ab`], 32)],
    ['a short hash', () => byteaArray([HASH.slice(2)], 32)],
    ['a day that there is not', () => instantArray(['2026-02-31T09:30:00.123456Z'])],
    ['an instant in milliseconds', () => instantArray(['2026-11-22T09:30:00.123Z'])],
  ])('refuse %s', (_, made) => {
    expect(made).toThrow(RangeError);
  });
});
