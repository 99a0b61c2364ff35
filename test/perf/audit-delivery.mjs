// From a call's decision to a receiver's disk, and an export of many events, in a deployment of its own. Run by `npm run bench:audit`.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { AddSinkDocument, ConfirmSinkDocument } from '@sallyport/graphql-contract';
import { newWebhookKey } from '@sallyport/sinks-http';

import { fillStream } from './audit-sequencer.mjs';
import { accepted, Deployment } from './distributed-deployment.mjs';
import { prepare, targetsOf } from './distributed-measurements.mjs';
import { startPart } from './processes.mjs';

const SLUG = 'bench';
const LONGEST_WAIT_MS = 60_000;

const at = (numbers, share) => [...numbers].sort((one, other) => one - other)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))];

/** Calls at a steady rate, with one healthy webhook: milliseconds from each decision to its place on the receiver's disk. */
export async function measureDelivery({ rate, seconds }) {
  const [upstream, receiver, load] = [await startPart('distributed-upstream.mjs'), await startPart('audit-receiver.mjs'), await startPart('distributed-load.mjs')];
  const deployment = await Deployment.start({ workers: 2 });
  try {
    const { policy } = await prepare(deployment, upstream);
    await addWebhook(deployment, receiver);
    const grant = await deployment.grant(SLUG, policy);
    const { asked, verdicts } = await load.ask({ targets: targetsOf(deployment.workers, grant), connections: 16, rate, seconds });
    const decided = asked - (verdicts.broken ?? 0);
    const lagsMs = await arrived(receiver, decided);
    return { calls: asked, arrived: lagsMs.length, missing: decided - lagsMs.length, p50Ms: at(lagsMs, 0.5), p99Ms: at(lagsMs, 0.99), longestMs: at(lagsMs, 1) };
  } finally {
    await deployment.stop();
    for (const part of [upstream, receiver, load]) await part.stop();
  }
}

/** Exports a stream of many events while the control plane's memory is watched. */
export async function measureExport({ events }) {
  const deployment = await Deployment.start({ workers: 1 });
  try {
    const { organisationId, token } = await signedIn(deployment);
    await fillStream({ databaseUrl: deployment.services.postgres.url, organisationId, folder: `${deployment.folder}/data/control-plane`, events });
    const pid = deployment.controlPlane.pid;
    const before = residentMiB(pid);
    let largest = before;
    const watching = setInterval(() => (largest = Math.max(largest, residentMiB(pid))), 100);
    const beganMs = performance.now();
    const { lines, bytes } = await readExport(deployment.controlPlane.url, token);
    clearInterval(watching);
    const seconds = (performance.now() - beganMs) / 1_000;
    return { events, missing: Math.max(0, events - lines), lines, megabytes: Math.round(bytes / 1e6), seconds: Math.round(seconds), eventsPerSecond: Math.round(lines / seconds), residentBeforeMiB: before, growthMiB: largest - before };
  } finally {
    await deployment.stop();
  }
}

async function addWebhook(deployment, { port }) {
  const input = { type: 'webhook', name: 'receiver', settings: { url: `http://127.0.0.1:${port}/` }, credentials: [{ name: 'signing_key', value: newWebhookKey() }], filter: { types: ['call.*'] }, afterSeq: 0 };
  accepted((await deployment.admin.run(AddSinkDocument, { input })).addSink);
  accepted((await deployment.admin.run(ConfirmSinkDocument, { input: { sink: 'receiver' } })).confirmSink);
}

async function arrived(receiver, wanted) {
  const untilMs = performance.now() + LONGEST_WAIT_MS;
  for (;;) {
    const { lagsMs } = await receiver.ask('lags');
    if (lagsMs.length >= wanted || performance.now() > untilMs) return lagsMs;
    await pause(250);
  }
}

async function signedIn(deployment) {
  const { token } = JSON.parse(readFileSync(`${deployment.folder}/data/cli.json`, 'utf8'));
  const [row] = await deployment.query("SELECT organisation_id FROM events WHERE type = 'organisation.created' LIMIT 1");
  return { token, organisationId: row.organisation_id };
}

async function readExport(url, token) {
  const response = await fetch(new URL('/audit/export', url), { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`the export was refused: HTTP ${response.status}`);
  let [lines, bytes] = [0, 0];
  for await (const chunk of response.body) {
    bytes += chunk.length;
    for (let from = chunk.indexOf(10); from >= 0; from = chunk.indexOf(10, from + 1)) lines += 1;
  }
  return { lines: lines - 1, bytes };
}

/** Memory that a process holds now, mebibytes. Linux only. */
function residentMiB(pid) {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);
}
