// How fast the sequencer gives events their place, against the same rows inserted without chain, tree and canonical text, in the same run.
// `node test/perf/audit-sequencer.mjs [EVENTS]`: needs `node test/quality/build.mjs` first. Prints one line of JSON.
import 'reflect-metadata';

import { performance } from 'node:perf_hooks';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPostgres } from '@sallyport/postgres-embedded';
import { inOrganisation } from '@sallyport/event-log-postgres';
import { openAuditKeys } from '@sallyport/signatures-ed25519';

const dist = new URL('../../apps/control-plane/dist/', import.meta.url);
const load = (path) => import(new URL(path, dist).href);
const { openDataSource } = await load('platform/persistence/data-source.js');
const { appSlices } = await load('app-slices.js');
const { ControlPlaneMetrics } = await load('platform/telemetry/control-plane-metrics.js');
const { AuditPartitions } = await load('slices/audit/store/audit-partitions.js');
const { AuditHub } = await load('slices/audit/store/audit-hub.js');
const { AuditTrail } = await load('slices/audit/store/audit-trail.js');
const { Sequencer } = await load('slices/audit/store/sequencer.js');
const { insertEvents } = await load('slices/audit/store/insert-events.js');

const EVENTS = Number(process.argv[2] ?? 100_000);
const BATCH = 500;
const organisationId = '01990000-0000-7000-8000-00000000aaaa';
const plainId = '01990000-0000-7000-8000-00000000bbbb';

/** A decided call as workers record it: about 1 kB of canonical text. */
function factOf(n) {
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

const folder = mkdtempSync(join(tmpdir(), 'audit-sequencer-'));
const postgres = await startPostgres({ dataFolder: folder, database: 'bench' });
const dataSource = await openDataSource(postgres.url, appSlices);
try {
  const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
  const partitions = new AuditPartitions(dataSource);
  const sequencer = new Sequencer(partitions, openAuditKeys(folder), clock, new ControlPlaneMetrics());
  const trail = new AuditTrail(dataSource, sequencer, new AuditHub());
  const batches = Array.from({ length: Math.ceil(EVENTS / BATCH) }, (_, at) => Array.from({ length: BATCH }, (_, n) => factOf(at * BATCH + n)));
  await trail.append(organisationId, [factOf(9_999_999)]);

  const cpu = process.cpuUsage();
  const began = performance.now();
  const sealed = [];
  for (const batch of batches) sealed.push(await trail.append(organisationId, batch));
  const sequencedMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);

  const plainBegan = performance.now();
  for (const [at, batch] of batches.entries()) {
    const rows = batch.map((fact, n) => ({ fact, stored: sealed[at][n] }));
    await inOrganisation(dataSource, plainId, (manager) => insertEvents(manager, { organisationId: plainId, after: at * BATCH, at: Date.now() }, rows));
  }
  const plainMs = performance.now() - plainBegan;
  const events = batches.length * BATCH;
  console.log(
    JSON.stringify({
      events,
      eventsPerSecond: Math.round((events / sequencedMs) * 1000),
      eventsPerCpuSecond: Math.round((events / (user + system)) * 1e6),
      plainInsertPerSecond: Math.round((events / plainMs) * 1000),
      ratioToPlainInsert: Number((plainMs / sequencedMs).toFixed(3)),
      lineBytes: Math.round(sealed.flat().reduce((sum, { line }) => sum + line.length, 0) / events),
    }),
  );
} finally {
  await dataSource.destroy();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
