// What refusing a hostile document costs, the first time and the median of some more: by the clock, and of CPU in all threads of this process. Run alone: `node libs/policy-engine/bench/hostile.bench.mjs`.
import { importPolicy, parsePolicy } from '../dist/index.js';
import { HOSTILE_DOCUMENTS, HOSTILE_IMPORTS } from '../dist/testing/index.js';

const BUDGET_MS = 100;
const ROUNDS = 5;

const timed = (work) => {
  const [before, start] = [process.cpuUsage(), performance.now()];
  const refused = work();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  if (refused.ok) throw new Error('a hostile document was accepted');
  return { ms, cpuMs: (user + system) / 1_000 };
};
const middle = (values) => [...values].sort((one, other) => one - other)[values.length >> 1];
const measured = (name, work) => {
  const [first, ...more] = Array.from({ length: ROUNDS + 1 }, () => timed(work));
  return { name, first, median: { ms: middle(more.map(({ ms }) => ms)), cpuMs: middle(more.map(({ cpuMs }) => cpuMs)) } };
};
const said = ({ ms, cpuMs }) => `${ms.toFixed(1).padStart(6)} ms (CPU ${cpuMs.toFixed(1).padStart(6)})`;
const held = (ms) => (ms <= BUDGET_MS ? 'held' : 'MISSED');

timed(() => parsePolicy('[')); // loads what is loaded at the first use
const rows = [
  ...HOSTILE_DOCUMENTS.map(([name, text]) => measured(name, () => parsePolicy(text))),
  ...HOSTILE_IMPORTS.map(([name, text]) => measured(`import: ${name}`, () => importPolicy(text))),
];
for (const { name, first, median } of rows) console.log(`${name.padEnd(44)} first ${said(first)}   median ${said(median)}   ${held(first.ms)}`);
const worst = Math.max(...rows.map(({ first }) => first.ms));
console.log(`worst, the first time: ${worst.toFixed(1)} ms of ${BUDGET_MS} ms  ${held(worst)}`);
