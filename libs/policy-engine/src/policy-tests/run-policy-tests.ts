import type { CompiledPolicy } from '../compiled-policy.js';
import { decide } from '../decide.js';
import { limitRefusal } from '../limits/limit-refusal.js';
import type { LimitAsk, ToolCall, Verdict } from '../verdict.js';
import type { PolicyTest, PolicyTestOutcome, SeenVerdict, WantedVerdict } from './policy-test.js';
import { TestState } from './test-state.js';

/** Runs tests against a policy, each from an empty state: its earlier calls first, in their order, then its call. */
export function runPolicyTests(policy: CompiledPolicy, tests: readonly PolicyTest[]): readonly PolicyTestOutcome[] {
  return tests.map((test) => runTest(policy, test));
}

function runTest(policy: CompiledPolicy, { name, history, call, want }: PolicyTest): PolicyTestOutcome {
  const state = new TestState();
  let deniedBefore = 0;
  for (const earlier of history) {
    for (let time = 0; time < earlier.times; time += 1) {
      const { seen, verdict } = settle(policy, earlier.call, state);
      if (seen.effect === 'deny') deniedBefore += 1;
      else if (verdict.effect === 'allow') state.take(earlier.call, verdict, earlier.ended);
      state.count(earlier.call);
    }
  }
  const { seen } = settle(policy, call, state);
  return { name, passed: isAsWanted(want, seen), want, seen, deniedBefore };
}

function settle(policy: CompiledPolicy, call: ToolCall, state: TestState): { readonly seen: SeenVerdict; readonly verdict: Verdict } {
  const verdict = decide(policy, state.seenBy(call));
  if (verdict.effect === 'deny') return { seen: { effect: 'deny', rule: verdict.ruleId, reason: verdict.reasonCode, message: verdict.message }, verdict };
  const full = state.exceeded(verdict.asks, call.atMs);
  return { seen: full === undefined ? { effect: 'allow', rule: verdict.ruleId, reason: null, message: '' } : overLimit(full, call), verdict };
}

function overLimit(ask: LimitAsk, call: ToolCall): SeenVerdict {
  if (ask.approval !== null) return { effect: 'deny', rule: ask.approval.ruleId, reason: 'approval_required', message: ask.approval.message };
  return { effect: 'deny', rule: ask.ruleId, reason: 'limit_exceeded', message: limitRefusal(ask, call.atMs).message };
}

function isAsWanted(want: WantedVerdict, seen: SeenVerdict): boolean {
  return want.effect === seen.effect && (['rule', 'reason', 'message'] as const).every((field) => want[field] === undefined || want[field] === seen[field]);
}
