// What the distributed deployment promises in figures: `npm run bench:distributed [-- --json] [--quick] [--only commitToEnforced,audit]`
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { Deployment } from './distributed-deployment.mjs';
import * as measure from './distributed-measurements.mjs';
import { startPart } from './processes.mjs';
import { tellVerdict, verdictsOf } from './verdicts.mjs';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, only: { type: 'string' } } });
const quick = flags.quick === true;
const say = (line) => (flags.json ? process.stderr : process.stdout).write(`${line}\n`);
const budget = JSON.parse(readFileSync(new URL('./distributed-budget.json', import.meta.url), 'utf8'));
const PARTS = ['commitToEnforced', 'idleWorker', 'workerStopped', 'exactLimit', 'audit', 'workerStart'];
const wanted = flags.only?.split(',') ?? PARTS;
const unknown = wanted.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) {
  process.stderr.write(`No such part: ${unknown.join(', ')}. There are ${PARTS.join(', ')}.\n`);
  process.exit(2);
}

const sizes = {
  commitToEnforced: { rounds: quick ? 20 : 250 },
  idleWorker: { seconds: quick ? 10 : 60 },
  workerStopped: { rounds: quick ? 1 : 5 },
  exactLimit: {},
  audit: quick ? { rate: 1_000, seconds: 15, downSeconds: 5 } : { rate: 1_000, seconds: 60, downSeconds: 20 },
};

async function measureDeployment(parts, report) {
  const upstream = await startPart('distributed-upstream.mjs');
  const load = await startPart('distributed-load.mjs');
  let deployment;
  try {
    say('starting four workers over a Kafka, PostgreSQL and Redis of their own');
    deployment = await Deployment.start({ workers: 4, operatorFile: 'limits:\n  concurrentCallsPerIdentity: 1000\n' });
    const bench = await measure.prepare(deployment, upstream);
    for (const part of parts) {
      say(`measuring ${part}`);
      report[part] = await measure[part](deployment, bench, { ...sizes[part], load, upstream });
      say(`  ${JSON.stringify(report[part])}`);
    }
  } finally {
    await deployment?.stop();
    await load.stop();
    await upstream.stop();
  }
}

const report = { node: process.version, quick };
const parts = PARTS.filter((part) => part !== 'workerStart' && wanted.includes(part));
if (parts.length > 0) await measureDeployment(parts, report);
if (wanted.includes('workerStart')) {
  say('measuring workerStart');
  report.workerStart = await measure.workerStart(quick ? { organisations: 1_000, grants: 10_000 } : { organisations: 10_000, grants: 100_000 });
  say(`  ${JSON.stringify(report.workerStart)}`);
}
const verdicts = verdictsOf(report, budget);
report.held = verdicts.every(({ held }) => held);
say('');
for (const verdict of verdicts) say(tellVerdict(verdict));
if (flags.json) process.stdout.write(`${JSON.stringify(report)}\n`);
process.exitCode = report.held ? 0 : 1;
