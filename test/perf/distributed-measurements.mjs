// What is measured of a distributed deployment, one function a part of the budget. Each leaves the deployment as it found it.
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { cpuMs } from './distributed-deployment.mjs';

const SLUG = 'bench';
const TOOL = 'bench_tool';
const OPEN = { version: '1', default: 'deny', tools: { [TOOL]: {} } };
const LIMITED = { version: '1', default: 'deny', tools: { [TOOL]: { limits: [{ counter: 'uses', window: 'day', max: 100 }] } } };
const AUDIT_WAIT_MS = 120_000;
/** After so long without a call a worker is idle: V8 collects once more, 200 ms of a core, up to 100 s after the last of its work. */
const SETTLED_MS = 110_000;

const at = (numbers, share) => [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))];
/** One call of the tool at each worker, as a client of a server without sessions makes it. */
export function targetsOf(workers, { token }) {
  const headers = ['content-type: application/json', 'accept: application/json, text/event-stream', `authorization: Bearer ${token}`];
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: TOOL, arguments: { amount: 12.5, note: 'monthly invoice' } } });
  return workers.map(({ url }) => ({ port: Number(new URL(url).port), path: `/mcp/${SLUG}`, headers, body }));
}

async function timed(work) {
  const beganMs = performance.now();
  await work();
  return performance.now() - beganMs;
}

/** What the other measurements need: a server and a policy that lets its tool be called. */
export async function prepare(deployment, upstream) {
  await deployment.register(SLUG, `http://127.0.0.1:${upstream.port}/mcp`);
  return { policy: await deployment.publish(OPEN), identity: await deployment.identity() };
}

/** From the request to the answer that every worker has it, so commit to enforced and the way there and back; grants issued and revoked in turn. */
export async function commitToEnforced(deployment, { policy, identity }, { rounds }) {
  const enforced = [];
  const committed = [];
  for (let round = 0; round < rounds + 3; round += 1) {
    let grant;
    const issuing = await timed(async () => void (grant = await deployment.grant(SLUG, policy, { identity })));
    const revoking = await timed(() => deployment.revoke(grant.grantId));
    const other = await deployment.grant(SLUG, policy, { identity, waitFor: 'COMMITTED' });
    const committing = await timed(() => deployment.revoke(other.grantId, 'COMMITTED'));
    if (round < 3) continue; // warm
    enforced.push(issuing, revoking);
    committed.push(committing);
  }
  return { samples: enforced.length, p50Ms: at(enforced, 0.5), p99Ms: at(enforced, 0.99), longestMs: Math.max(...enforced), bareCommitP50Ms: at(committed, 0.5), p50OverBareCommit: at(enforced, 0.5) / at(committed, 0.5) };
}

/** A revocation while one worker is stopped in its tracks, until it is answered as enforced; then the worker goes on, and is asked at once. */
export async function workerStopped(deployment, { policy, identity }, { load, rounds }) {
  const took = [];
  let allowedAfterwards = 0;
  for (let round = 0; round < rounds; round += 1) {
    const worker = deployment.workers[1 + (round % (deployment.workers.length - 1))];
    const grant = await deployment.grant(SLUG, policy, { identity });
    process.kill(worker.pid, 'SIGSTOP');
    let answer;
    try {
      took.push(await timed(async () => void (answer = await deployment.revoke(grant.grantId))));
    } finally {
      process.kill(worker.pid, 'SIGCONT');
    }
    if (answer.enforcement?.reached !== true) throw new Error(`not enforced: ${JSON.stringify(answer.enforcement)}`);
    const { verdicts } = await load.ask({ targets: targetsOf(deployment.workers, grant), connections: 4, calls: 4 * deployment.workers.length });
    allowedAfterwards += verdicts.allowed ?? 0;
    await deployment.enforced(answer.revision);
  }
  return { rounds, longestMs: Math.max(...took), p50Ms: at(took, 0.5), allowedAfterwards };
}

/** A thousand calls at once at a limit of a hundred; again where the machine was too busy for the store's deadline, so that calls were denied for that. */
export async function exactLimit(deployment, _bench, { load, upstream, calls = 1_000 }) {
  const policy = await deployment.publish(LIMITED);
  const storms = [];
  do {
    const grant = await deployment.grant(SLUG, policy);
    const before = (await upstream.ask('calls')).calls;
    const { verdicts, p99Ms } = await load.ask({ targets: targetsOf(deployment.workers, grant), connections: calls / deployment.workers.length, calls });
    storms.push({ verdicts, p99Ms, reached: (await upstream.ask('calls')).calls - before });
  } while (storms.length < 6 && 'limit_store_unavailable' in storms.at(-1).verdicts);
  return { calls, storms, admitted: storms.at(-1).reached, mostAdmitted: Math.max(...storms.map(({ reached }) => reached)) };
}

/** Calls at a steady rate while the broker is killed and comes back; until every decision is stored, counted from the broker's return. */
export async function audit(deployment, { policy }, { load, rate, seconds, downSeconds }) {
  await deployment.configure({ freshnessMode: 'fail_static', failStaticMaxAge: 'PT1H' });
  const grant = await deployment.grant(SLUG, policy);
  const running = load.ask({ targets: targetsOf(deployment.workers, grant), connections: 32, rate, seconds });
  await pause(((seconds - downSeconds) / 2) * 1_000);
  await deployment.services.killKafka();
  await pause(downSeconds * 1_000);
  await deployment.services.restartKafka();
  const returnedMs = performance.now();
  const { asked, verdicts, rate: offered, lateMs, p50Ms, p99Ms } = await running;
  const decided = asked - (verdicts.broken ?? 0);
  const stored = await untilStored(deployment, grant.grantId, decided);
  const storedWithinMs = performance.now() - returnedMs;
  await deployment.configure({ freshnessMode: 'strict' });
  return { asked, verdicts, offeredPerSecond: Math.round(offered), lateMs, broken: verdicts.broken ?? 0, p50Ms, p99Ms, stored, missing: Math.max(0, decided - stored), holes: await holesIn(deployment), storedWithinMs };
}

async function untilStored(deployment, grantId, wanted) {
  const untilMs = performance.now() + AUDIT_WAIT_MS;
  for (;;) {
    const [{ count }] = await deployment.query('SELECT count(*)::int AS count FROM decisions WHERE grant_id = $1 AND decided_seq IS NOT NULL AND outcome IS NOT NULL', [grantId]);
    if (count >= wanted || performance.now() > untilMs) return count;
    await pause(250);
  }
}

/** Incarnations whose stored records are not one stretch from 1. */
async function holesIn(deployment) {
  const [{ count }] = await deployment.query(`SELECT count(*)::int AS count FROM audit_incarnations WHERE lower(stored) <> 1 OR (SELECT count(*) FROM unnest(stored)) <> 1`);
  return count;
}

/** What workers use of a core while nobody calls, once the engine has collected and compiled what the part before left behind: stamps, reports, journals. */
export async function idleWorker(deployment, _bench, { seconds }) {
  await pause(SETTLED_MS);
  const before = deployment.workers.map(({ pid }) => cpuMs(pid));
  const beganMs = performance.now();
  await pause(seconds * 1_000);
  const percents = deployment.workers.map(({ pid }, index) => ((cpuMs(pid) - before[index]) / (performance.now() - beganMs)) * 100);
  return { seconds, percentOfACore: at(percents, 0.5), percents };
}

/** A worker alone against a large deployment: `worker-start.mjs`. */
export async function workerStart({ organisations, grants }) {
  const script = fileURLToPath(new URL('./worker-start.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, '--json', '--organisations', String(organisations), '--grants', String(grants)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  const { fromSnapshots, fromCopy } = JSON.parse(text);
  const rssMiB = Math.max(fromSnapshots.rssMiB, fromCopy.rssMiB);
  return { organisations, grants, fromSnapshotsMs: fromSnapshots.readyMs, fromCopyMs: fromCopy.readyMs, rssMiB, idlePercentOfACore: fromSnapshots.idleCpuPercent };
}
