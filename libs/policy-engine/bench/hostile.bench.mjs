// What refusing a hostile document costs: CPU of this process, the first time, and the median of some more. Run alone: `node libs/policy-engine/bench/hostile.bench.mjs`.
import { importPolicy, parsePolicy } from '../dist/index.js';
import { HOSTILE_DOCUMENTS, HOSTILE_IMPORTS } from '../dist/testing/index.js';

const BUDGET_MS = 100;
const ROUNDS = 5;

const cpuMs = (work) => {
  const before = process.cpuUsage();
  const refused = work();
  const { user, system } = process.cpuUsage(before);
  if (refused.ok) throw new Error('a hostile document was accepted');
  return (user + system) / 1_000;
};
const measured = (name, work) => {
  const times = Array.from({ length: ROUNDS }, () => cpuMs(work));
  const median = [...times].sort((one, other) => one - other)[ROUNDS >> 1];
  return { name, firstMs: times[0], medianMs: median };
};

cpuMs(() => parsePolicy('[')); // loads what is loaded at the first use
const rows = [
  ...HOSTILE_DOCUMENTS.map(([name, text]) => measured(name, () => parsePolicy(text))),
  ...HOSTILE_IMPORTS.map(([name, text]) => measured(`import: ${name}`, () => importPolicy(text))),
];
for (const { name, firstMs, medianMs } of rows) console.log(`${name.padEnd(44)} first ${firstMs.toFixed(1).padStart(8)} ms   median ${medianMs.toFixed(1).padStart(8)} ms   ${medianMs <= BUDGET_MS ? 'held' : 'MISSED'}`);
const worst = Math.max(...rows.map(({ firstMs }) => firstMs));
console.log(`worst, the first time: ${worst.toFixed(1)} ms of ${BUDGET_MS} ms`);
