import { branded, type EpochMs, type JsonObject } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compilePolicy } from '../compile-policy.js';
import { decide } from '../decide.js';
import { aPolicyDocument } from '../testing/a-policy.js';
import { aToolCall } from '../testing/a-tool-call.js';
import { smallDocument } from '../testing/small-policies.js';
import type { CallOutcome, RecordedCall } from './recorded-call.js';
import { Simulation, simulate, type SimulationOptions } from './simulation.js';
import type { SimulationReport } from './simulation-report.js';

const START = 1_760_000_000_000;
let made = 0;
function recorded(about: Omit<Partial<RecordedCall>, 'atMs'> & { readonly atMs?: number } = {}): RecordedCall {
  made += 1;
  return {
    decisionId: `decision-${made}`,
    tool: 'pay',
    server: 'billing',
    identity: { id: 'identity-1' },
    grant: { id: 'grant-1' },
    session: { id: 'session-1' },
    clientName: null,
    argumentKeys: [],
    was: { outcome: 'allowed', ruleId: '/tools/pay', reasonCode: null },
    ...about,
    atMs: branded<EpochMs>(about.atMs ?? START),
  };
}
const ended = (atMs: number, how: 'answered' | 'failed' | 'refused' | 'lost' = 'answered'): Pick<RecordedCall, 'end'> => ({ end: { atMs: branded<EpochMs>(atMs), how } });

function run(policy: object, calls: readonly RecordedCall[], options: SimulationOptions = { knownFromMs: -Infinity }): SimulationReport {
  const simulation = new Simulation(aPolicyDocument(policy), options);
  for (const call of calls) simulation.take(call);
  return simulation.report();
}
const wouldBe = (policy: object, calls: readonly RecordedCall[], options?: SimulationOptions): readonly string[] =>
  run(policy, calls, options).outcomes.map((each) => `${each.was} → ${each.wouldBe}: ${each.calls}`);
const above = (value: number): object => ({ tools: { pay: { deny_if: [{ conditions: [{ path: 'args.amount', op: 'gt', value }] }] } } });
const limited = (about: object): object => ({ tools: { pay: { limits: [{ counter: 'c', window: 'minute', max: 2, ...about }] } } });

describe('a simulation', () => {
  it('counts the calls that would come to something else, and says by which rule', () => {
    const report = run({ default: 'deny', tools: { pay: { action: 'deny' } } }, [recorded(), recorded({ tool: 'ask', was: { outcome: 'denied', ruleId: '(default deny)', reasonCode: 'default_deny' } })]);
    expect(report).toMatchObject({ taken: 2, counted: 2, changed: 1, unchanged: 1, unknown: 0, outside: 0 });
    expect(report.examples).toMatchObject([
      { tool: 'pay', was: { outcome: 'allowed' }, wouldBe: { outcome: 'denied', ruleId: '/tools/pay/deny_if/0', reasonCode: 'rule_denied', pointer: '/tools/pay/action' } },
    ]);
    expect(report.rules).toEqual([{ ruleId: '/tools/pay/deny_if/0', pointer: '/tools/pay/action', changed: 1, unknown: 0 }]);
  });

  it('tells an argument that was not kept from one that was not there', () => {
    expect(wouldBe(above(100), [recorded({ argumentKeys: ['amount'] })])).toEqual(['allowed → unknown: 1']);
    expect(wouldBe(above(100), [recorded({ argumentKeys: ['note'] })])).toEqual(['allowed → allowed: 1']);
    expect(wouldBe(above(100), [recorded({ argumentKeys: ['amount', 'note'], args: { amount: 500 } })])).toEqual(['allowed → denied: 1']);
    const required = { tools: { pay: { require: [{ conditions: [{ path: 'args.amount', op: 'lte', value: 100 }] }] } } };
    expect(wouldBe(required, [recorded({ argumentKeys: [] })])).toEqual(['allowed → denied: 1']);
    expect(wouldBe(required, [recorded({ argumentKeys: ['amount'] })])).toEqual(['allowed → unknown: 1']);
  });

  it('says what an unknown call may be, and which rules need what was not kept', () => {
    expect(run(above(100), [recorded({ argumentKeys: ['amount'] })]).unknownExamples).toMatchObject([{ mayBe: ['denied', 'allowed'], needed: ['/tools/pay/deny_if/0'] }]);
  });

  it('knows nothing of facts and labels that were not kept, and uses those that were', () => {
    const byTeam = { tools: { pay: { deny_if: [{ conditions: [{ path: 'identity.labels.team', op: 'eq', value: 'a' }] }] } } };
    expect(wouldBe(byTeam, [recorded(), recorded({ identity: { id: 'i', labels: { team: 'a' } } }), recorded({ identity: { id: 'i', labels: {} } })])).toEqual([
      'allowed → unknown: 1',
      'allowed → denied: 1',
      'allowed → allowed: 1',
    ]);
    const byClass = { default: 'allow', select: [{ match: { category: ['Financial'] }, action: 'deny' }] };
    const labels = { category: 'Financial' as const, risk: null, annotations: {} };
    expect(wouldBe(byClass, [recorded(), recorded({ labels })])).toEqual(['allowed → unknown: 1', 'allowed → denied: 1']);
  });

  it('leaves calls aside that no policy decided, and follows the default for other methods', () => {
    const was = { outcome: 'denied' as const, ruleId: null, reasonCode: 'quarantined' };
    expect(run({}, [recorded({ was }), recorded({ tool: null })])).toMatchObject({ counted: 2, outside: 1, changed: 1 });
  });

  it('replays limits in the order of time', () => {
    const calls = [0, 1, 2, 60_000].map((after) => recorded({ atMs: START - (START % 60_000) + after, ...ended(START + after) }));
    expect(wouldBe(limited({}), calls)).toEqual(['allowed → allowed: 3', 'allowed → limited: 1']);
    expect(wouldBe(limited({ on_exceed: 'require_approval' }), calls)).toEqual(['allowed → allowed: 3', 'allowed → approval_required: 1']);
    expect(wouldBe(limited({ scope: 'identity' }), calls.map((call, index) => ({ ...call, identity: { id: `i${index}` } })))).toEqual(['allowed → allowed: 4']);
  });

  it('replays sliding windows and calls in flight', () => {
    const at = (seconds: number, lastsSeconds: number): RecordedCall => recorded({ atMs: START + seconds * 1_000, ...ended(START + (seconds + lastsSeconds) * 1_000) });
    expect(wouldBe(limited({ algorithm: 'sliding' }), [at(0, 1), at(50, 1), at(59, 1), at(61, 1), at(111, 1)])).toEqual(['allowed → allowed: 4', 'allowed → limited: 1']);
    expect(wouldBe(limited({ window: 'concurrent' }), [at(0, 10), at(1, 10), at(2, 10), at(10, 1), at(11, 1)])).toEqual(['allowed → allowed: 4', 'allowed → limited: 1']);
  });

  it('gives back what the upstream refused, and counts failures as the limit says', () => {
    const calls = (how: 'failed' | 'refused' | 'lost'): readonly RecordedCall[] => [0, 2, 4].map((after) => recorded({ atMs: START + after, ...ended(START + after + 1, how) }));
    expect(wouldBe(limited({}), calls('refused'))).toEqual(['allowed → allowed: 3']);
    expect(wouldBe(limited({}), calls('failed'))).toEqual(['allowed → allowed: 2', 'allowed → limited: 1']);
    expect(wouldBe(limited({ count: 'success' }), calls('failed'))).toEqual(['allowed → allowed: 3']);
    expect(wouldBe(limited({}), calls('lost'))).toEqual(['allowed → allowed: 2', 'allowed → unknown: 1']);
  });

  it('does not guess what a counter held before, nor amounts that were not kept', () => {
    const call = recorded({ atMs: START, ...ended(START + 1) });
    expect(wouldBe(limited({ window: 'hour' }), [call], {})).toEqual(['allowed → unknown: 1']);
    expect(wouldBe(limited({ window: 'hour' }), [call], { knownFromMs: START - 3_600_000 })).toEqual(['allowed → allowed: 1']);
    const amounts = [recorded({ argumentKeys: ['amount'], args: { amount: 2 }, ...ended(START) }), recorded({ argumentKeys: ['amount'] }), recorded({ argumentKeys: ['amount'], args: { amount: 1 } })];
    expect(wouldBe(limited({ increment_from: 'args.amount' }), amounts)).toEqual(['allowed → allowed: 1', 'allowed → unknown: 1', 'allowed → limited: 1']);
  });

  it('replays marks', () => {
    const policy = { default: 'allow', flows: [{ after: { name: ['read'], marks: 'untrusted' }, deny: { name: ['pay'] }, within: '1h' }] };
    const calls = (how: 'answered' | 'refused'): readonly RecordedCall[] => [
      recorded({ atMs: START - 1 }),
      recorded({ tool: 'read', atMs: START, ...ended(START + 10, how) }),
      recorded({ atMs: START + 20 }),
      recorded({ atMs: START + 20, identity: { id: 'other' } }),
      recorded({ atMs: START + 3_700_000 }),
    ];
    expect(wouldBe(policy, calls('answered'))).toEqual(['allowed → allowed: 4', 'allowed → denied: 1']);
    expect(wouldBe(policy, calls('refused'))).toEqual(['allowed → allowed: 5']);
  });

  it('does not ask a call again for the approval it was given', () => {
    const policy = { tools: { pay: { action: 'require_approval' } } };
    expect(wouldBe(policy, [recorded(), recorded({ isApproved: true })])).toEqual(['allowed → approval_required: 1', 'allowed → allowed: 1']);
  });

  it('counts only the calls asked for, and replays the limits of all', () => {
    const calls = ['a', 'a', 'b'].map((id) => recorded({ identity: { id }, ...ended(START) }));
    expect(wouldBe(limited({}), calls, { knownFromMs: -Infinity, counts: ({ identity }) => identity.id === 'b' })).toEqual(['allowed → limited: 1']);
  });

  it('keeps few examples however many calls there are', () => {
    const report = run({}, Array.from({ length: 1_000 }, () => recorded()), { examplesEach: 3 });
    expect(report).toMatchObject({ changed: 1_000 });
    expect(report.examples).toHaveLength(3);
  });

  it('goes on step by step, tells how far it is, and can be left at any step', () => {
    let read = 0;
    function* calls(): Generator<RecordedCall> {
      for (; read < 1_000_000; read += 1) yield recorded({ atMs: START + read });
    }
    const steps = simulate(aPolicyDocument({}), calls(), { callsEach: 100 });
    expect([steps.next().value, steps.next().value]).toEqual([{ taken: 100, atMs: START + 99 }, { taken: 200, atMs: START + 199 }]);
    steps.return({} as SimulationReport);
    expect(read).toBe(199);
  });
});

const VALUES = [undefined, null, true, 0, 1, 1.5, 3, 'x', 'zz', []];
const arguments_ = fc.tuple(fc.constantFrom(...VALUES), fc.constantFrom(...VALUES)).map(([n, s]) => Object.fromEntries(Object.entries({ n, s }).filter(([, value]) => value !== undefined)) as JsonObject);
const outcomeOf = (verdict: ReturnType<typeof decide>): CallOutcome => (verdict.effect === 'allow' ? 'allowed' : verdict.reasonCode === 'approval_required' ? 'approval_required' : 'denied');

describe('a simulated call', () => {
  it('comes to what is decided, or is unknown: never to something else, whatever was kept', () => {
    fc.assert(
      fc.property(smallDocument, fc.constantFrom('ask', 'buy', 'cut'), arguments_, fc.subarray(['n', 's']), fc.boolean(), (written, tool, args, kept, hasLabels) => {
        const document = aPolicyDocument(written);
        const labels = { category: 'Read' as const, risk: null, annotations: { readOnlyHint: true } };
        const decided = outcomeOf(decide(compilePolicy(document), aToolCall({ tool, args, labels })));
        const keptArgs = Object.fromEntries(Object.entries(args).filter(([key]) => kept.includes(key))) as JsonObject;
        const call = recorded({ tool, argumentKeys: Object.keys(args), args: keptArgs, ...(hasLabels ? { labels } : {}) });
        const [simulated] = run(written, [call]).outcomes;
        expect(['unknown', decided]).toContain(simulated?.wouldBe);
        if (hasLabels && Object.keys(keptArgs).length === Object.keys(args).length) expect(simulated?.wouldBe).toBe(decided);
      }),
      { numRuns: 400 },
    );
  });
});
