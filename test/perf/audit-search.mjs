// How long a page of a search takes in a stream of ten million events: over the real partitions and indexes, as the role that serves, with
// the plan. Run by `npm run bench:audit -- --only search [--rows 10000000]`.
import 'reflect-metadata';

import { inOrganisation } from '@sallyport/event-log-postgres';
import pg from 'pg';

import { aLine } from './audit-sequencer.mjs';
import { scratchPostgres } from './scratch-postgres.mjs';

const dist = new URL('../../apps/control-plane/dist/', import.meta.url);
const load = (path) => import(new URL(path, dist).href);
const { openDataSource } = await load('platform/persistence/data-source.js');
const { appSlices } = await load('app-slices.js');
const { AuditPartitions, monthOf } = await load('slices/audit/store/audit-partitions.js');
const { deepCursor, explainPage, fillEvents, searchesOf } = await load('testing/audit-searches.js');

const organisationId = '01990000-0000-7000-8000-00000000cccc';
const MONTHS = ['2026-08-01', '2026-09-01', '2026-10-01', '2026-11-01'].map((day) => Date.parse(`${day}T00:00:00Z`));
const WRITTEN_AT_ONCE = 100_000;
const PAGE = 50;
const TRIES = 5;

/** Fills a stream, searches it in every way, and answers the slowest page and the most rows that one read. */
export async function measureSearch({ rows, say }) {
  const postgres = await scratchPostgres('audit-search');
  const dataSource = await openDataSource(postgres.url, appSlices);
  try {
    const began = performance.now();
    const stretch = await fill(dataSource, postgres.url, { rows, say });
    const fillSeconds = Math.round((performance.now() - began) / 1000);
    const pages = [];
    for (const [name, filter] of Object.entries(searchesOf(stretch))) pages.push(...(await searched(dataSource, { name, filter, stretch })));
    for (const page of pages) say(tell(page));
    return {
      rows,
      fillSeconds,
      pages: pages.length,
      slowestPageMs: round(Math.max(...pages.map(({ ms }) => ms))),
      slowestFirstTouchMs: round(Math.max(...pages.map(({ firstMs }) => firstMs))),
      mostRowsRead: Math.max(...pages.map(({ rowsRead }) => rowsRead)),
      mostPagesRead: Math.max(...pages.map(({ pagesRead }) => pagesRead)),
      withoutIndex: pages.filter(({ steps }) => steps.some((step) => step === 'Seq Scan' || step.endsWith('Sort'))).length,
    };
  } finally {
    await dataSource.destroy();
    await postgres.stop();
  }
}

/** The first page of a search and one deep in its list: the time is the median of some tries, the first apart. */
async function searched(dataSource, { name, filter, stretch }) {
  const pages = [];
  for (const [where, after] of [['first', null], ['deep', deepCursor(filter, stretch)]]) {
    const tries = [];
    for (let n = 0; n < TRIES; n += 1) tries.push(await inOrganisation(dataSource, organisationId, (manager) => explainPage((sql, values) => manager.query(sql, [...values]), organisationId, { filter, first: PAGE, after })));
    const times = tries.map(({ ms }) => ms).sort((one, other) => one - other);
    pages.push({ ...tries[0], name, where, firstMs: tries[0].ms, ms: times[TRIES >> 1] });
  }
  return pages;
}

/** Months are filled before their indexes are made: the same tables in the end, in a tenth of the time. */
async function fill(dataSource, databaseUrl, { rows, say }) {
  const partitions = new AuditPartitions(dataSource);
  const sql = new pg.Client({ connectionString: databaseUrl }); // one whose statements may take their time
  await sql.connect();
  const line = await aLine();
  const ofMonth = Math.ceil(rows / MONTHS.length);
  let firstSeq = 1;
  for (const at of MONTHS) {
    await partitions.ensure(at);
    const month = monthOf(at);
    const everyMs = (Date.parse(month.to) - at) / ofMonth;
    await withoutIndexes(sql, month, async () => {
      for (let done = 0; done < ofMonth; done += WRITTEN_AT_ONCE) {
        const events = Math.min(WRITTEN_AT_ONCE, ofMonth - done);
        const insert = fillEvents({ table: month.table, organisationId, firstSeq, events, from: new Date(at + done * everyMs).toISOString(), everyMs, line });
        await sql.query(insert.sql, [...insert.values]);
        firstSeq += events;
        say(`  ${month.table}: ${firstSeq - 1} events in all`);
      }
    });
  }
  await sql.query('VACUUM (ANALYZE) audit_events');
  await sql.end();
  return { firstSeq: 1, lastSeq: firstSeq - 1, fromMs: MONTHS[0], untilMs: Date.parse(monthOf(MONTHS.at(-1)).to) };
}

async function withoutIndexes(sql, { table, from, to }, write) {
  await sql.query(`ALTER TABLE audit_events DETACH PARTITION ${table}`);
  const { rows: keys } = await sql.query(`SELECT conname FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'p'`, [table]);
  for (const { conname } of keys) await sql.query(`ALTER TABLE ${table} DROP CONSTRAINT ${conname}`);
  const { rows: indexes } = await sql.query('SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indrelid = $1::regclass', [table]);
  for (const { name } of indexes) await sql.query(`DROP INDEX ${name}`);
  await write();
  await sql.query(`SET maintenance_work_mem = '512MB'`);
  await sql.query(`ALTER TABLE audit_events ATTACH PARTITION ${table} FOR VALUES FROM ('${from}') TO ('${to}')`);
}

function tell({ name, where, ms, firstMs, rowsRead, pagesRead, steps, indexes }) {
  const figures = `${round(ms).toFixed(2)} ms (at first ${round(firstMs).toFixed(1)})  ${rowsRead} rows  ${pagesRead} pages`;
  return `  ${name.padEnd(24)} ${where.padEnd(5)}  ${figures.padEnd(52)} ${steps.join(', ')}: ${[...new Set(indexes.map((index) => index.replace(/^audit_events_\d+_\d+_/, '').replace(/_idx\d*$/, '')))].join(' ')}`;
}

function round(ms) {
  return Math.round(ms * 100) / 100;
}
