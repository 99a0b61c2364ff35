// How fast the sequencer gives events their place, against the same rows inserted without chain, tree and canonical text, in the same run.
// Run by `npm run bench:audit`.
import 'reflect-metadata';

import { performance } from 'node:perf_hooks';
import { readFileSync } from 'node:fs';

import { inOrganisation } from '@sallyport/event-log-postgres';
import { openAuditKeys } from '@sallyport/signatures-ed25519';

import { scratchPostgres } from './scratch-postgres.mjs';

const dist = new URL('../../apps/control-plane/dist/', import.meta.url);
const load = (path) => import(new URL(path, dist).href);
const { openDataSource } = await load('platform/persistence/data-source.js');
const { appSlices } = await load('app-slices.js');
const { ControlPlaneMetrics } = await load('platform/telemetry/control-plane-metrics.js');
const { AuditPartitions } = await load('slices/audit/store/audit-partitions.js');
const { AuditHub } = await load('slices/audit/store/audit-hub.js');
const { AuditTrail } = await load('slices/audit/store/audit-trail.js');
const { Sequencer } = await load('slices/audit/store/sequencer.js');
const { eventRows, insertEvents } = await load('slices/audit/store/insert-events.js');

const BATCH = 500;
const CLOCK = { now: () => Date.now(), monotonicMs: () => performance.now() };
const sequencedId = '01990000-0000-7000-8000-00000000aaaa';
const plainId = '01990000-0000-7000-8000-00000000bbbb';

/** A decided call as workers record it: about 1 kB of canonical text. */
function factOf(n, organisationId) {
  const id = `01990000-0000-7000-8000-${String(n).padStart(12, '0')}`;
  return {
    event_id: id,
    organisation_id: organisationId,
    time: new Date(Date.now()).toISOString().replace('Z', '000Z'),
    type: 'call.decided',
    outcome: n % 20 === 0 ? 'denied' : undefined,
    severity: 1,
    actor: { identity_id: `01990000-0000-7000-8000-${String(n % 100).padStart(12, '0')}`, kind: 'agent', name: `agent ${n % 100}`, credential_id: id, credential_kind: 'grant_token', auth_method: 'bearer' },
    client: { name: 'a client', unverified: true },
    source: { ip: '192.0.2.1' },
    gateway: { instance_id: id },
    server: { id: `01990000-0000-7000-8000-${String(n % 20).padStart(12, '0')}`, alias: `server-${n % 20}` },
    mcp: { method: 'tools/call', protocol_version: '2025-11-25', request_id: String(n), tool: `tool_${n % 200}`, definition_hash: '0'.repeat(64) },
    decision: { decision_id: id, effect: 'allow', mode: 'enforced', policy_id: id, policy_version: 3, revision: 7, grant_id: id, rule_ids: [`/tools/tool_${n % 200}`], audit_mode: 'disk' },
    request: { argument_keys: ['amount', 'currency'], args_digest: '1'.repeat(64), args_bytes: 120 },
  };
}

/**
 * Gives events their place in a stream of their own, and the same rows again in a plain insert, batch by batch: like whoever reads them
 * from a bus, it holds no more than a batch.
 */
export async function measureSequencer({ events }) {
  const postgres = await scratchPostgres('audit-sequencer');
  const dataSource = await openDataSource(postgres.url, appSlices);
  try {
    const trail = trailOf(dataSource, postgres.folder);
    await trail.append(sequencedId, [factOf(events + 1, sequencedId)]);
    const sequencing = new Spent(dataSource);
    const inserting = new Spent(dataSource);
    let lineBytes = 0;
    let after = 0;
    for (const batch of batchesOf(events, sequencedId)) {
      const sealed = await sequencing.on(() => trail.append(sequencedId, batch));
      await inserting.on(() => insertPlainly(dataSource, after, batch.map((fact, n) => ({ fact, stored: sealed[n] }))));
      after += batch.length;
      for (const { line } of sealed) lineBytes += line.length;
    }
    return {
      events,
      eventsPerSecond: Math.round((events / sequencing.ms) * 1_000),
      eventsPerCpuSecond: Math.round((events / sequencing.cpuUs) * 1e6),
      databaseCpuUsPerEvent: Number((sequencing.databaseUs / events).toFixed(1)),
      ofPlainInsert: Number((inserting.ms / sequencing.ms).toFixed(2)),
      lineBytes: Math.round(lineBytes / events),
    };
  } finally {
    await dataSource.destroy();
    await postgres.stop();
  }
}

/** Fills an organisation's stream in a database whose control plane is up. `folder` holds its audit keys. */
export async function fillStream({ databaseUrl, organisationId, folder, events }) {
  const dataSource = await openDataSource(databaseUrl, appSlices);
  try {
    const trail = trailOf(dataSource, folder);
    for (const batch of batchesOf(events, organisationId)) await trail.append(organisationId, batch);
  } finally {
    await dataSource.destroy();
  }
}

/** What one kind of work took, all its turns together: time, CPU of this process and of PostgreSQL. */
class Spent {
  ms = 0;
  cpuUs = 0;
  databaseUs = 0;

  constructor(dataSource) {
    this.dataSource = dataSource;
  }

  async on(work) {
    const databaseUs = await databaseCpuUs(this.dataSource);
    const cpu = process.cpuUsage();
    const beganMs = performance.now();
    const done = await work();
    this.ms += performance.now() - beganMs;
    const { user, system } = process.cpuUsage(cpu);
    this.cpuUs += user + system;
    this.databaseUs += (await databaseCpuUs(this.dataSource)) - databaseUs;
    return done;
  }
}

/** CPU time that a PostgreSQL has used, all its processes that live: microseconds. */
async function databaseCpuUs(dataSource) {
  const processes = await dataSource.query('SELECT pid FROM pg_stat_activity');
  return processes.reduce((sum, { pid }) => sum + cpuUsOf(pid), 0);
}

/** Nanoseconds on a processor are the first that the kernel says of a process's schedule. A process may have ended since. */
function cpuUsOf(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1_000;
  } catch {
    return 0;
  }
}

/** The line of such an event, its number 0 and its time empty. */
export async function aLine() {
  const { sealEvent } = await import('@sallyport/audit-event');
  const { sha256 } = await load('slices/audit/store/sha256.js');
  const fact = { ...factOf(1, sequencedId), time: '' };
  return sealEvent(fact, { stream: sequencedId, seq: 0, observedTime: new Date(0).toISOString().replace('Z', '000Z'), prevHash: '0'.repeat(64), keyEpoch: 1 }, sha256).line;
}

function trailOf(dataSource, folder) {
  const sequencer = new Sequencer(new AuditPartitions(dataSource), openAuditKeys(folder), CLOCK, new ControlPlaneMetrics());
  return new AuditTrail(dataSource, sequencer, new AuditHub());
}

function* batchesOf(events, organisationId) {
  for (let from = 0; from < events; from += BATCH) yield Array.from({ length: Math.min(BATCH, events - from) }, (_, n) => factOf(from + n, organisationId));
}

function insertPlainly(dataSource, after, rows) {
  return inOrganisation(dataSource, plainId, (manager) => insertEvents(manager, eventRows({ organisationId: plainId, after, at: Date.now() }, rows)));
}
