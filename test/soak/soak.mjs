// Random faults with a printed seed, and what came of them: `npm run soak -- --minutes 60 [--seed N] [--out FILE]`; `--check FILE` only checks.
import { createWriteStream, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { TOPIC } from '@sallyport/broker';
import { KafkaBroker, parseKafkaConfig } from '@sallyport/broker-kafka';
import { checkHistory } from '@sallyport/test-support';
import { decodeWorkerRecord, decodeWorkerReport } from '@sallyport/wire';

import { Deployment } from '../perf/distributed-deployment.mjs';
import { startPart } from '../perf/processes.mjs';
import { injectFault } from './inject-fault.mjs';
import { planFaults } from './plan-faults.mjs';
import { readHistory, unrecordedAnswers } from './read-history.mjs';
import { LIMITED, OPEN, Traffic } from './traffic.mjs';

const { values: flags } = parseArgs({
  options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string' }, out: { type: 'string' }, check: { type: 'string' } },
});
const WORKERS = 4;
const SETTLE_MS = 120_000;
const MOST_SHOWN = 20;
const say = (line) => process.stdout.write(`${line}\n`);

/** Follows what workers report of themselves, as lines of the history. */
function followReports(brokers, write) {
  const config = parseKafkaConfig({ KAFKA_BROKERS: brokers });
  const broker = new KafkaBroker({ config: config.value, clientId: 'soak' });
  broker.follow(TOPIC.status, {
    from: 'start',
    onBatch: (records) => {
      for (const record of records) {
        if (record.value !== null) write('report', { ...decodeWorkerReport(decodeWorkerRecord(record.value).body), seenMs: performance.now() });
      }
    },
    onFault: () => undefined, // outages are the point
  });
  return broker;
}

async function until(what, passes) {
  const untilMs = performance.now() + SETTLE_MS;
  for (;;) {
    const lacking = await passes().catch((error) => String(error.message));
    if (lacking === null) return;
    if (performance.now() > untilMs) {
      say(`${what}: not within ${SETTLE_MS / 1_000} s (${lacking})`);
      return;
    }
    await pause(500);
  }
}

/** Resolves when every worker is ready and has everything. */
function settled(deployment) {
  return until('every worker ready', async () => {
    const statuses = await Promise.all(deployment.workers.map(async ({ url }) => (await fetch(`${url}/readyz`)).status));
    if (statuses.some((status) => status !== 200)) return statuses.join(' ');
    const { grantId } = await deployment.grant('bench', deployment.openPolicy);
    return (await deployment.revoke(grantId)).enforcement?.reached === true ? null : 'not enforced';
  });
}

const STRETCHES = 'SELECT incarnation::text AS incarnation, lower(stretch)::int AS first, upper(stretch)::int - 1 AS last FROM audit_incarnations, unnest(stored) AS stretch';
const STORED = `SELECT grant_id::text AS "grant", count(*)::int AS allowed FROM decisions WHERE effect = 'allow' AND decided_seq IS NOT NULL GROUP BY grant_id`;

/** Writes down what is stored once it is whole and nothing that was answered is missing of it, or when waiting longer is no use. */
async function writeStored(deployment, calls, write) {
  await until('every record stored', async () => {
    const holes = (await deployment.query(STRETCHES)).filter(({ first }) => first !== 1);
    const missing = unrecordedAnswers({ calls, stored: await deployment.query(STORED) });
    return holes.length + missing.length === 0 ? null : `${holes.length} holes, answers missing of ${missing.length} grants`;
  });
  for (const { incarnation, first, last } of await deployment.query(STRETCHES)) {
    for (let sequence = first; sequence <= last; sequence += 1) write('audit', { incarnation, sequence });
  }
  for (const stored of await deployment.query(STORED)) write('stored', stored);
}

async function runFaults(deployment, plan, write) {
  const beganMs = performance.now();
  for (const planned of plan) {
    await pause(Math.max(1_000, planned.atMs - (performance.now() - beganMs)));
    say(`${((performance.now() - beganMs) / 1_000).toFixed(0).padStart(5)} s  ${planned.part}${planned.worker === null ? '' : ` ${planned.worker + 1}`} ${planned.how} for ${(planned.forMs / 1_000).toFixed(1)} s`);
    const { fault, cutOffs } = await injectFault(deployment, planned);
    write('fault', fault);
    for (const cutOff of cutOffs) write('cutOff', cutOff);
  }
}

async function soak({ seed, totalMs, file }) {
  const stream = createWriteStream(file, { mode: 0o600 });
  const write = (kind, seen) => void stream.write(`${JSON.stringify({ kind, ...seen })}\n`);
  const upstream = await startPart('distributed-upstream.mjs');
  let deployment;
  let reports;
  try {
    deployment = await Deployment.start({ workers: WORKERS, logFile: `${file}.log` });
    reports = followReports(deployment.services.kafka.brokers, write);
    await deployment.register('bench', `http://127.0.0.1:${upstream.port}/mcp`);
    deployment.openPolicy = await deployment.publish(OPEN);
    const traffic = new Traffic({ deployment, open: deployment.openPolicy, limited: await deployment.publish(LIMITED), write, say });
    await traffic.start();
    await runFaults(deployment, planFaults({ seed, totalMs, workers: WORKERS }), write);
    await settled(deployment);
    await traffic.stop();
    await traffic.callUndisturbed();
    await writeStored(deployment, traffic.calls, write);
  } finally {
    await reports?.close();
    await deployment?.stop();
    await upstream.stop();
    await new Promise((resolve) => stream.end(resolve));
  }
}

function check(file) {
  const history = readHistory(readFileSync(file, 'utf8'));
  const violations = [...checkHistory(history), ...unrecordedAnswers(history)];
  const verdicts = {};
  for (const { verdict } of history.calls) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  const enforced = history.revocations.filter((revocation) => revocation.enforced).length;
  say(`${history.faults.length} faults, ${history.calls.length} calls ${JSON.stringify(verdicts)}, ${history.revocations.length} revocations (${enforced} enforced), ${history.reports.length} reports, ${history.audit.length} records, ${history.hardLimits.length} hard limits`);
  for (const { invariant, sentence } of violations.slice(0, MOST_SHOWN)) say(`BROKEN ${invariant}: ${sentence}`);
  say(violations.length === 0 ? 'every promise held' : `${violations.length} promises broken`);
  return violations.length === 0;
}

const seed = Number(flags.seed ?? Date.now() % 2 ** 32);
const file = flags.check ?? flags.out ?? join(mkdtempSync(join(tmpdir(), 'sallyport-soak-')), 'history.jsonl');
if (flags.check === undefined) {
  say(`seed ${seed}, ${flags.minutes} minutes; the same faults again: npm run soak -- --minutes ${flags.minutes} --seed ${seed}`);
  await soak({ seed, totalMs: Number(flags.minutes) * 60_000, file });
  say(`history in ${file}, logs of the processes in ${file}.log`);
}
process.exit(check(file) ? 0 : 1);
