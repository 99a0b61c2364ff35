import { compilePolicy, decide, parsePolicy } from '../dist/index.js';

const ROUNDS = 200;
const CALLS = 20_000;
const BUDGET_US = 0.5;

/** Twenty rules on the tool called, one of them its limit, among forty other tools. */
function twentyRules() {
  const compare = (path, op, value) => ({ conditions: [{ path, op, value }] });
  const denyIf = Array.from({ length: 12 }, (_, index) => compare(`args.field_${index}`, 'eq', `forbidden-${index}`));
  const require = [
    compare('args.amount', 'lte', 100),
    compare('args.currency', 'in', ['EUR', 'USD', 'GBP']),
    compare('args.customer.country', 'neq', 'XX'),
    compare('args.note', 'exists', true),
    compare('identity.kind', 'eq', 'agent'),
    compare('server.slug', 'eq', 'billing'),
    compare('args.amount', 'gt', 0),
  ];
  const limits = [{ counter: 'charges', window: 'minute', max: 30, scope: 'grant' }];
  const others = Array.from({ length: 40 }, (_, index) => [`tool_${index}`, {}]);
  return { version: '1', default: 'deny', tools: { ...Object.fromEntries(others), create_charge: { require, deny_if: denyIf, limits } } };
}

const call = {
  tool: 'create_charge',
  args: { amount: 42.5, currency: 'EUR', customer: { country: 'DE' }, note: 'spring', field_1: 'fine', field_2: 'fine' },
  atMs: 1_760_000_000_000,
  grant: { id: 'grant-1', labels: {} },
  identity: { id: 'identity-1', kind: 'agent', name: 'ci-runner', labels: {} },
  server: { slug: 'billing' },
  session: { id: 'session-1' },
  client: { name: 'probe' },
};

/** The best of many short rounds: what the code costs when nothing else takes the processor. */
function measure(policy, subject) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedMs = performance.now();
    for (let index = 0; index < CALLS; index += 1) decide(policy, subject);
    best = Math.min(best, ((performance.now() - startedMs) * 1_000) / CALLS);
  }
  return best;
}

const parsed = parsePolicy(JSON.stringify(twentyRules()));
if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
const policy = compilePolicy(parsed.value);
if (decide(policy, call).effect !== 'allow') throw new Error('the call of this bench must be allowed');
const allowed = measure(policy, call);
const denied = measure(policy, { ...call, tool: 'unheard_of' });
console.log(`decide, 20 rules, allowed: ${allowed.toFixed(3)} µs (budget ${BUDGET_US})`);
console.log(`decide, default deny:      ${denied.toFixed(3)} µs`);
if (allowed > BUDGET_US) process.exitCode = 1;
