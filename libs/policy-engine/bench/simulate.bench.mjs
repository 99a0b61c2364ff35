import { parsePolicy, Simulation } from '../dist/index.js';

const CALLS = 1_000_000;
const BUDGET_MS = 60_000;
const EVERY = 200_000;
const START_MS = 1_760_000_000_000;

/** Forty tools, twenty rules on each, three limits that all their calls take. */
function document() {
  const compare = (path, op, value) => ({ conditions: [{ path, op, value }] });
  const rule = {
    deny_if: Array.from({ length: 12 }, (_, index) => compare(`args.field_${index}`, 'eq', `forbidden-${index}`)),
    require: [compare('args.amount', 'lte', 100), compare('args.currency', 'in', ['EUR', 'USD']), compare('server.slug', 'eq', 'billing'), compare('identity.kind', 'eq', 'agent'), compare('time.hour', 'gte', 0)],
  };
  const limits = [
    { counter: 'calls', window: 'minute', max: 500 },
    { counter: 'daily', window: 'day', max: 4_000, scope: 'identity' },
    { counter: 'lately', window: 600, algorithm: 'sliding', max: 900 },
  ];
  const tools = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`tool_${index}`, rule]));
  return { version: '1', default: 'deny', all_tools: { limits }, tools };
}

/** Every third call keeps its arguments; 100 grants, some 20 calls a second. */
function* calls() {
  const args = { amount: 42.5, currency: 'EUR', field_1: 'fine' };
  const argumentKeys = Object.keys(args);
  for (let index = 0; index < CALLS; index += 1) {
    const atMs = START_MS + index * 50;
    yield {
      decisionId: String(index),
      atMs,
      tool: `tool_${index % 50}`,
      server: 'billing',
      identity: { id: `identity-${index % 60}`, kind: 'agent', name: 'probe', labels: {} },
      grant: { id: `grant-${index % 100}`, labels: {} },
      session: { id: `session-${index % 1_000}` },
      clientName: 'probe',
      argumentKeys,
      ...(index % 3 === 0 ? { args } : {}),
      was: { outcome: 'allowed', ruleId: '/tools/x', reasonCode: null },
      end: { atMs: atMs + 120, how: index % 50 === 0 ? 'refused' : 'answered' },
    };
  }
}

const parsed = parsePolicy(JSON.stringify(document()));
if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
const simulation = new Simulation(parsed.value, { knownFromMs: -Infinity });
const startedMs = performance.now();
for (const call of calls()) {
  simulation.take(call);
  const { taken } = simulation.progress();
  if (taken % EVERY === 0) console.log(`${taken} calls after ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
}
const tookMs = performance.now() - startedMs;
const { changed, unchanged, unknown } = simulation.report();
console.log(`${CALLS} calls in ${(tookMs / 1_000).toFixed(1)} s (budget ${BUDGET_MS / 1_000}): ${changed} changed, ${unchanged} unchanged, ${unknown} unknown`);
console.log(`heap ${(process.memoryUsage().heapUsed / 1_048_576).toFixed(0)} MiB`);
if (tookMs > BUDGET_MS) process.exitCode = 1;
