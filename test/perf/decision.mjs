// One decision of the policy engine: 20 rules and a limit, in this process.
import { branded } from '@sallyport/kernel';
import { compilePolicy, decide, parsePolicy } from '@sallyport/policy-engine';

const CALLS = 2_000_000;

/** Microseconds a decision takes: the best of five runs, as the others measure the machine's other work. */
export async function measureDecision() {
  const rules = Array.from({ length: 18 }, (_, n) => ({ conditions: [{ path: 'args.account', op: 'eq', value: `blocked-${n}` }] }));
  const require = [{ conditions: [{ path: 'args.amount', op: 'lt', value: 1_000 }] }, { conditions: [{ path: 'args.note', op: 'exists', value: true }] }];
  const limits = [{ counter: 'calls', window: 'minute', max: 100, scope: 'grant' }];
  const parsed = parsePolicy(JSON.stringify({ version: '1', default: 'deny', tools: { pay: { require, deny_if: rules, limits } } }));
  const policy = compilePolicy(parsed.value);
  const args = Object.assign(Object.create(null), { amount: 12.5, account: 'acct-42', note: 'monthly' });
  const call = { tool: 'pay', args, atMs: branded(1_760_000_000_000), grant: { id: 'g', labels: {} }, identity: { id: 'i', kind: 'agent', name: 'n', labels: {} }, server: { slug: 's' }, session: { id: 's' }, client: { name: null } };
  const run = () => {
    const began = performance.now();
    let allowed = 0;
    for (let n = 0; n < CALLS; n += 1) if (decide(policy, call).effect === 'allow') allowed += 1;
    if (allowed !== CALLS) throw new Error('the benchmark policy must allow its call');
    return ((performance.now() - began) * 1_000) / CALLS;
  };
  run();
  return { microseconds: Math.min(run(), run(), run(), run(), run()) };
}
