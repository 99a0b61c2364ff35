// Gateway overhead as ratios inside one run. `npm run bench [-- --json] [--rounds 5] [--seconds 2] [--no-memory]`
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { measureDecision } from './decision.mjs';
import { measureMemory } from './memory.mjs';
import { pinned, startPart } from './processes.mjs';
import { callJob, listJob } from './jobs.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { values: flags } = parseArgs({
  options: { json: { type: 'boolean' }, rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '2' }, 'no-memory': { type: 'boolean' } },
});
const rounds = Number(flags.rounds);
const seconds = Number(flags.seconds);
const say = (line) => (flags.json ? process.stderr : process.stdout).write(`${line}\n`);
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const budget = JSON.parse(readFileSync(join(here, 'budget.json'), 'utf8'));

const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
const upstream = await startPart('upstream.mjs');
const load = await startPart('load.mjs');
const targets = {
  direct: { port: upstream.port },
  relay: await startPart('relay.mjs', { args: [`http://127.0.0.1:${upstream.port}`], core: 0 }),
  process: await startPart('gateway-target.mjs', { args: [upstream.port, 'process', join(folder, 'process')], core: 0 }),
  disk: await startPart('gateway-target.mjs', { args: [upstream.port, 'disk', join(folder, 'disk')], core: 0 }),
};

async function measure(name, connections) {
  const target = targets[name];
  const before = target.ask === undefined ? undefined : await target.ask('usage');
  const result = await load.ask({ ...callJob(target), connections, seconds });
  if (result.failures > 0 || result.calls === 0) throw new Error(`${name} at ${connections}: ${result.failures} of ${result.calls} calls failed`);
  const after = target.ask === undefined ? undefined : await target.ask('usage');
  const cpuUs = after === undefined ? null : (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / result.calls;
  return { rate: result.rate, p50Us: result.p50Us, cpuUs };
}

const samples = {};
for (const connections of [1, 16, 64]) {
  for (const name of Object.keys(targets)) await measure(name, connections); // warm
  for (let round = 0; round < rounds; round += 1) {
    for (const name of Object.keys(targets)) ((samples[connections] ??= {})[name] ??= []).push(await measure(name, connections));
  }
}

const perRound = (connections, name, of) => samples[connections][name].map((sample, round) => of(sample, samples[connections], round));
const share = (connections, name) => median(perRound(connections, name, (sample, all, round) => sample.rate / all.relay[round].rate));
const cpu = (connections, name) => median(perRound(connections, name, (sample, all, round) => sample.cpuUs / all.relay[round].cpuUs));
const addedP50 = (name) => median(perRound(1, name, (sample, all, round) => (sample.p50Us - all.direct[round].p50Us) / (all.relay[round].p50Us - all.direct[round].p50Us)));

const report = { node: process.version, pinned, rounds, seconds };
for (const name of ['process', 'disk']) {
  report[name] = { share1: share(1, name), share16: share(16, name), share64: share(64, name), cpu16: cpu(16, name), cpu: cpu(64, name), addedP50: addedP50(name) };
}
const list = await load.ask({ ...listJob(targets.process), connections: 16, seconds });
report.toolsList = { tools: 400, rate: list.rate, p50Us: list.p50Us, failures: list.failures };
report.decision = await measureDecision();
if (!flags['no-memory']) {
  const shipping = await startPart('gateway-target.mjs', { args: [upstream.port, 'process', join(folder, 'memory'), 'ship'], core: 0, execArgv: ['--expose-gc'] });
  report.memory = await measureMemory(shipping, load, say);
  await shipping.stop();
}
report.absolute = Object.fromEntries(
  Object.entries(samples).map(([connections, byName]) => [
    connections,
    Object.fromEntries(Object.entries(byName).map(([name, all]) => [name, { rate: Math.round(median(all.map((s) => s.rate))), p50Us: Math.round(median(all.map((s) => s.p50Us))), cpuUs: all[0].cpuUs === null ? null : Math.round(median(all.map((s) => s.cpuUs))) }])),
  ]),
);

const verdicts = [];
for (const [part, limits] of Object.entries(budget)) {
  for (const [figure, { atLeast, atMost }] of Object.entries(limits)) {
    const value = report[part]?.[figure];
    if (typeof value !== 'number') continue;
    verdicts.push({ figure: `${part}.${figure}`, value, atLeast, atMost, held: (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost) });
  }
}
report.held = verdicts.every(({ held }) => held);

say(`Node ${process.version}, ${rounds} rounds of ${seconds} s, ${pinned ? 'target pinned to core 0, load and upstream to core 1' : 'not pinned'}`);
say('connections  target    calls/s   p50 µs  CPU µs/call   of the relay (median of rounds)');
for (const [connections, byName] of Object.entries(report.absolute)) {
  for (const [name, figures] of Object.entries(byName)) {
    const ratio = name === 'direct' || name === 'relay' ? '' : `${report[name][`share${connections}`].toFixed(2)} of its rate`;
    say(`${connections.padStart(11)}  ${name.padEnd(8)} ${String(figures.rate).padStart(8)} ${String(figures.p50Us).padStart(8)} ${String(figures.cpuUs ?? '–').padStart(12)}   ${ratio}`);
  }
}
say(`tools/list of 400 tools: ${Math.round(report.toolsList.rate)} a second, p50 ${Math.round(report.toolsList.p50Us)} µs`);
say('');
for (const { figure, value, atLeast, atMost, held } of verdicts) {
  say(`${held ? 'held ' : 'BROKEN'} ${figure.padEnd(28)} ${value.toFixed(2)} ${atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`}`);
}
if (flags.json) process.stdout.write(`${JSON.stringify(report)}\n`);
for (const part of [load, targets.relay, targets.process, targets.disk, upstream]) await part.stop();
rmSync(folder, { recursive: true, force: true });
process.exitCode = report.held ? 0 : 1;
