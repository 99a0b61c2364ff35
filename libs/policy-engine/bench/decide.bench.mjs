import { Ajv2020 } from 'ajv/dist/2020.js';
import { celEnv, parse, plan } from '@bufbuild/cel';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { newEnforcer, newModelFromString } from 'casbin';

import { compareVerdicts, compilePolicy, decide, parsePolicy } from '../dist/index.js';

const ROUNDS = 200;
const CALLS = 20_000;
const BUDGETS_US = { rules20: 0.5, rules500: 5, shadow: 10 };
const COMPILE_BUDGET_MS = 50;

const compare = (path, op, value) => ({ conditions: [{ path, op, value }] });

/** Twenty rules on the tool called, one of them its limit, among forty other tools. */
function twentyRules() {
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

/** Five hundred rules: ten of each of fifty classes, of which the tool called is in five, with its own and those of all tools. */
function fiftyClasses() {
  const elements = (count, of) => Array.from({ length: count }, (_, index) => compare(`args.field_${index}`, 'eq', `${of}-${index}`));
  const select = Array.from({ length: 50 }, (_, index) => ({
    match: index % 10 === 0 ? { category: ['Financial'], risk: ['High', 'Critical'] } : { category: ['Read'], name: [`tool_${index}_*`] },
    deny_if: elements(9, `class-${index}`),
    require: [compare('args.amount', 'lte', 1_000 + index)],
  }));
  return { ...twentyRules(), select, all_tools: { deny_if: elements(10, 'all') } };
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
  labels: { category: 'Financial', risk: 'High', annotations: { destructiveHint: true } },
  marks: [],
};

function compiled(document) {
  const parsed = parsePolicy(JSON.stringify(document));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
  return compilePolicy(parsed.value);
}

/** Microseconds of the best of many short rounds: what the code costs when nothing else takes the processor. */
function measure(decideOnce, calls = CALLS, rounds = ROUNDS) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const startedMs = performance.now();
    for (let index = 0; index < calls; index += 1) decideOnce();
    best = Math.min(best, ((performance.now() - startedMs) * 1_000) / calls);
  }
  return best;
}

function report(name, us, budget) {
  console.log(`${name.padEnd(44)} ${us.toFixed(3)} µs${budget === undefined ? '' : ` (budget ${budget})`}`);
  if (budget !== undefined && us > budget) process.exitCode = 1;
}

function decides(policy, subject, effect) {
  if (decide(policy, subject).effect !== effect) throw new Error(`the call of this bench must come to ${effect}`);
  return () => decide(policy, subject);
}

const twenty = compiled(twentyRules());
report('decide, 20 rules, allowed', measure(decides(twenty, call, 'allow')), BUDGETS_US.rules20);
report('decide, default deny', measure(decides(twenty, { ...call, tool: 'unheard_of' }, 'deny')));
report('decide, 500 rules with 50 selects, allowed', measure(decides(compiled(fiftyClasses()), call, 'allow')), BUDGETS_US.rules500);

/** What a version in shadow adds to a call: its decision, and the comparison with the enforced one. */
function shadowed(enforced, shadow, relation) {
  const verdict = decide(enforced, call);
  const compared = () => compareVerdicts(verdict, decide(shadow, call));
  if (compared().relation !== relation) throw new Error(`the versions of this bench must stand as ${relation}`);
  return compared;
}

const stricter = compiled({ ...fiftyClasses(), all_tools: { deny_if: [compare('args.amount', 'gt', 1)] } });
report('a shadow of 20 rules that agrees', measure(shadowed(twenty, compiled(twentyRules()), 'agrees')), BUDGETS_US.shadow);
report('a shadow of 500 rules that disagrees', measure(shadowed(twenty, stricter, 'stricter')), BUDGETS_US.shadow);

/** One equivalent rule everywhere: the amount is at most 100 and the currency is EUR or USD. */
const one = { version: '1', default: 'deny', tools: { create_charge: { require: [{ conditions: [{ path: 'args.amount', op: 'lte', value: 100 }, { path: 'args.currency', op: 'in', value: ['EUR', 'USD'] }] }] } } };
const ours = measure(decides(compiled(one), call, 'allow'));
report('one rule, here', ours);

function ratio(name, us) {
  console.log(`${`one rule, ${name}`.padEnd(44)} ${us.toFixed(3)} µs, ${(us / ours).toFixed(1)} times`);
}

const schema = { type: 'object', required: ['amount', 'currency'], properties: { amount: { type: 'number', maximum: 100 }, currency: { enum: ['EUR', 'USD'] } } };
const validate = new Ajv2020().compile(schema);
ratio('ajv', measure(() => validate(call.args)));

const celPlan = plan(celEnv(), parse("args.amount <= 100.0 && args.currency in ['EUR', 'USD']"));
const bindings = { args: new Map(Object.entries({ amount: 42.5, currency: 'EUR' })) };
if (celPlan(bindings) !== true) throw new Error('the CEL expression of this bench must hold');
ratio('the CEL evaluator', measure(() => celPlan(bindings), 2_000, 50));

const model = newModelFromString(`
[request_definition]
r = obj
[policy_definition]
p = act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.obj.amount <= 100 && (r.obj.currency == 'EUR' || r.obj.currency == 'USD')
`);
const enforcer = await newEnforcer(model);
await enforcer.addPolicy('any');
if (enforcer.enforceSync(call.args) !== true) throw new Error('the casbin rule of this bench must hold');
ratio('casbin', measure(() => enforcer.enforceSync(call.args), 2_000, 50));

const authorisation = {
  principal: { type: 'Agent', id: 'a' },
  action: { type: 'Action', id: 'call' },
  resource: { type: 'Tool', id: 'create_charge' },
  context: { amount: 42, currency: 'EUR' },
  policies: { staticPolicies: 'permit(principal, action, resource) when { context.amount <= 100 && ["EUR", "USD"].contains(context.currency) };' },
  entities: [],
};
const cedarAnswer = cedar.isAuthorized(authorisation);
if (cedarAnswer.type !== 'success' || cedarAnswer.response.decision !== 'allow') throw new Error(`the cedar rule of this bench must hold: ${JSON.stringify(cedarAnswer)}`);
ratio('cedar-wasm', measure(() => cedar.isAuthorized(authorisation), 200, 20));

/** A document of as many tools as one may name, near the size one may have. */
function thousandTools() {
  const rule = (index) => ({
    require: [compare('args.amount', 'lte', 100 + index)],
    deny_if: [compare('args.currency', 'eq', `X${index}`)],
  });
  return JSON.stringify({ version: '1', default: 'deny', tools: Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`tool_${index}`, rule(index)])) });
}

const text = thousandTools();
const read = parsePolicy(text);
if (!read.ok) throw new Error(JSON.stringify(read.refusal));
const compileMs = measure(() => compilePolicy(read.value), 1, 30) / 1_000;
console.log(`${'compile, 1,000 tools'.padEnd(44)} ${compileMs.toFixed(1)} ms (budget ${COMPILE_BUDGET_MS}); parsed in ${(measure(() => parsePolicy(text), 1, 30) / 1_000).toFixed(1)} ms, ${Math.round(text.length / 1_024)} KiB`);
if (compileMs > COMPILE_BUDGET_MS) process.exitCode = 1;
