import { readFileSync } from 'node:fs';
import { branded, type EpochMs } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { aPolicyDocument } from '../testing/a-policy.js';
import type { RecordedCall } from './recorded-call.js';
import { Simulation } from './simulation.js';

/** Recorded calls, of each of which what differs from `PLAIN` is told, and what each comes to under a policy. */
interface SimulatedCase {
  readonly what: string;
  readonly policy: object;
  /** Since when every call is on record; from ever on where null. */
  readonly knownFromMs: number | null;
  readonly calls: readonly (Partial<RecordedCall> & { readonly atMs: number })[];
  readonly came: readonly string[];
}

const PLAIN = {
  tool: 'pay',
  server: 'billing',
  identity: { id: 'identity-1' },
  grant: { id: 'grant-1' },
  session: { id: 'session-1' },
  clientName: null,
  argumentKeys: [],
  was: { outcome: 'allowed', ruleId: '/tools/pay', reasonCode: null },
} as const;

/** What the call at a place among the others comes to. */
function cameTo({ policy, knownFromMs, calls }: SimulatedCase, place: number): string {
  const simulation = new Simulation(aPolicyDocument(policy), { knownFromMs: knownFromMs ?? -Infinity, counts: ({ decisionId }) => decisionId === String(place), examplesEach: 1 });
  for (const [at, call] of calls.entries()) simulation.take({ ...PLAIN, ...call, decisionId: String(at), atMs: branded<EpochMs>(call.atMs) });
  const { outside, examples: [changed], unknownExamples: [unknown], outcomes } = simulation.report();
  if (outside > 0) return 'left aside';
  if (unknown !== undefined) return `${[...unknown.mayBe].sort().join(' or ')}, for ${unknown.needed.join(' ')}`;
  if (changed === undefined) return `${outcomes[0]?.wouldBe} as before`;
  const { outcome, ruleId, reasonCode, pointer } = changed.wouldBe;
  return `${outcome} by ${ruleId} (${reasonCode}) at ${pointer}`;
}

describe('a recorded call under another policy', () => {
  it.each(JSON.parse(readFileSync(new URL('../../fixtures/simulated-calls.json', import.meta.url), 'utf8')) as readonly SimulatedCase[])('$what', (each) => {
    expect(each.calls.map((_, place) => cameTo(each, place))).toEqual(each.came);
  });
});
