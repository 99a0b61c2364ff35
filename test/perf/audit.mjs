// What audit and its export promise in figures: `npm run bench:audit [-- --json] [--quick] [--only sequencer,search,delivery,sinks,verifier,export] [--rows 10000000]`
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { measureDelivery, measureExport } from './audit-delivery.mjs';
import { measureSearch } from './audit-search.mjs';
import { measureSequencer } from './audit-sequencer.mjs';
import { measureSinks } from './audit-sinks.mjs';
import { measureVerifier } from './audit-verifier.mjs';
import { tellVerdict, verdictsOf } from './verdicts.mjs';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, only: { type: 'string' }, rows: { type: 'string' } } });
const quick = flags.quick === true;
const say = (line) => (flags.json ? process.stderr : process.stdout).write(`${line}\n`);
const budget = JSON.parse(readFileSync(new URL('./audit-budget.json', import.meta.url), 'utf8'));

const PARTS = {
  sequencer: () => measureSequencer({ events: quick ? 20_000 : 200_000 }),
  search: () => measureSearch({ rows: Number(flags.rows ?? (quick ? 400_000 : 10_000_000)), say }),
  delivery: () => measureDelivery({ rate: 200, seconds: quick ? 5 : 30 }),
  sinks: () => measureSinks(),
  verifier: () => measureVerifier(quick ? 100_000 : 1_000_000),
  export: () => measureExport({ events: quick ? 100_000 : 1_000_000 }),
};

const wanted = flags.only?.split(',') ?? Object.keys(PARTS);
const unknown = wanted.filter((part) => !(part in PARTS));
if (unknown.length > 0) {
  process.stderr.write(`No such part: ${unknown.join(', ')}. There are ${Object.keys(PARTS).join(', ')}.\n`);
  process.exit(2);
}

const report = { node: process.version, quick };
for (const part of wanted) {
  say(`measuring ${part}`);
  report[part] = await PARTS[part]();
  say(`  ${JSON.stringify(report[part])}`);
}
const verdicts = verdictsOf(report, budget);
report.held = verdicts.every(({ held }) => held);
say('');
for (const verdict of verdicts) say(tellVerdict(verdict));
if (flags.json) process.stdout.write(`${JSON.stringify(report)}\n`);
process.exitCode = report.held ? 0 : 1;
