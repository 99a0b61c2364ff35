// What a call's two records cost: wall time and CPU of decided + completed, by durability and number of writers at once.
// node test/quality/build.mjs && node libs/journal-file/bench/journal.bench.mjs [folder]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openFileJournal } from '@sallyport/journal-file';

const parent = process.argv[2] ?? tmpdir();
const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
const id = (n) => `0199c2a0-7b00-7000-8000-${n.toString(16).padStart(12, '0')}`;
const constants = {
  organisationId: id(1), serverId: id(2), serverSlug: 'time-tracker', identityId: id(3), grantId: id(4), tokenId: id(5), policyId: id(6), policyVersion: 7,
  revision: 1234, definitionHash: 'ab'.repeat(32), argumentsDigest: 'cd'.repeat(32), ruleId: '/tools/stop_timer', method: 'tools/call', tool: 'stop_timer',
};
const charges = [{ key: 'o/p/stop_timer_rate/g', windowStartMs: 1_759_999_980_000, windowEndMs: 1_760_000_040_000, units: '1' }];

function decidedRecord(n, durability) {
  return {
    kind: 'decided', decisionId: id(n), at: 1_760_000_000_000 + n, effect: 'allow', outcome: null, reasonCode: null, ...constants,
    argumentKeys: ['workspaceId', 'timeEntryId'], argumentsBytes: 118, charges, protocolVersion: '2025-11-25',
    sessionId: 'e3f1c1d2-5a3e-4c3b-9d0a-2f6f5a9f1b11', clientName: 'an-agent/1.4', sourceIp: '192.0.2.17', requestId: String(n), durability,
    approvals: [], sealedArguments: null, shadows: [], gatewayVersion: '0.1.0', policyAgeMs: n % 1_000, marksBefore: [],
  };
}

function completedRecord(n) {
  return {
    kind: 'completed', decisionId: id(n), organisationId: constants.organisationId, at: 1_760_000_000_040 + n, outcome: 'allowed', reasonCode: null,
    status: 'ok', httpStatus: 200, rpcCode: null, resultBytes: 2_048, durationUs: 41_250, upstreamUs: 40_900, chargesReleased: false,
    answerRuleId: null, removed: [], removedCount: 0, marksLeft: [],
  };
}

async function measure(durability, writers, calls) {
  const folder = mkdtempSync(join(parent, 'sallyport-bench-'));
  const onBroken = (fault) => { throw fault; };
  const bus = { publish: async () => {} };
  const journal = await openFileJournal({ folder, incarnation: id(9), clock, onBroken, bus });
  let next = 1;
  const write = async (until) => {
    while (next <= until) {
      const n = next++;
      await journal.decided(decidedRecord(n, durability), durability);
      journal.completed(completedRecord(n));
    }
  };
  const run = (until) => Promise.all(Array.from({ length: writers }, () => write(until)));
  await run(calls / 4);
  const before = { ...journal.stats(), wall: performance.now(), cpu: process.cpuUsage() };
  await run(calls * 1.25);
  const wallUs = (performance.now() - before.wall) * 1_000;
  const { user, system } = process.cpuUsage(before.cpu);
  const after = journal.stats();
  await journal.drained();
  await journal.close();
  rmSync(folder, { recursive: true });
  const perBatch = (after.records - before.records) / (after.batches - before.batches);
  return { durability, writers, 'µs/call': round(wallUs / calls), 'CPU µs/call': round((user + system) / calls), 'records/write': round(perBatch) };
}

const round = (value) => Math.round(value * 10) / 10;
const rows = [];
for (const durability of ['process', 'disk']) {
  for (const writers of [1, 16, 64]) rows.push(await measure(durability, writers, durability === 'disk' && writers === 1 ? 4_000 : 40_000));
}
console.table(rows);
