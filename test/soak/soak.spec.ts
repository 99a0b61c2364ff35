import { defineFaults } from '@sallyport/kernel';
import { checkHistory, type CallSeen } from '@sallyport/test-support';
import { describe, expect, it } from 'vitest';

import { injectFault, type Breakable } from './inject-fault.mjs';
import { FAULTS, planFaults, randomFrom } from './plan-faults.mjs';
import { readHistory, unrecordedAnswers } from './read-history.mjs';

const HOUR = { totalMs: 3_600_000, workers: 4 };

describe('the plan of a soak', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planFaults({ seed: 7, ...HOUR })).toEqual(planFaults({ seed: 7, ...HOUR }));
    expect(planFaults({ seed: 8, ...HOUR })).not.toEqual(planFaults({ seed: 7, ...HOUR }));
  });

  it('has every fault at every worker within an hour, one after another', () => {
    const plan = planFaults({ seed: 1, ...HOUR });
    expect(new Set(plan.map(({ part, how }) => `${part} ${how}`)).size).toBe(FAULTS.length);
    expect(new Set(plan.filter(({ part }) => part === 'worker').map(({ worker }) => worker))).toEqual(new Set([0, 1, 2, 3]));
    plan.reduce((endMs, { atMs, forMs }) => {
      expect(atMs).toBeGreaterThanOrEqual(endMs + 2_000);
      return atMs + forMs;
    }, 0);
  });

  it('draws numbers from 0 to below 1, spread evenly', () => {
    const random = randomFrom(3);
    const drawn = Array.from({ length: 10_000 }, random);
    expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(drawn.reduce((sum, number) => sum + number, 0) / drawn.length).toBeCloseTo(0.5, 1);
  });
});

describe('a history that was written down', () => {
  const call: CallSeen = { worker: 'worker-1', grant: 'g', organisation: 'o', beganMs: 20, endedMs: 30, verdict: 'allowed', expected: null };
  const lines = (...seen: readonly object[]): string => seen.map((one) => `${JSON.stringify(one)}\n`).join('');

  it('is held to the same promises as one in memory', () => {
    const history = readHistory(lines({ kind: 'call', ...call }, { kind: 'revocation', grant: 'g', askedMs: 5, answeredMs: 10, enforced: true }));
    expect(history.calls).toEqual([call]);
    expect(checkHistory(history).map(({ invariant }) => invariant)).toEqual(['I3']);
  });

  it('is refused where a line says what nobody knows', () => {
    expect(() => readHistory(lines({ kind: 'guess' }))).toThrow('no such kind of line: guess');
  });

  it('misses answers that nobody stored, and no others', () => {
    expect(unrecordedAnswers({ calls: [call, call], stored: [{ grant: 'g', allowed: 2 }] })).toEqual([]);
    expect(unrecordedAnswers({ calls: [call, { ...call, verdict: '401' }], stored: [{ grant: 'g', allowed: 1 }] })).toEqual([]);
    expect(unrecordedAnswers({ calls: [call, call], stored: [{ grant: 'g', allowed: 1 }] })).toEqual([{ invariant: 'I5', sentence: '2 calls of g were answered as allowed and 1 are stored' }]);
  });
});

describe('a fault of a soak', () => {
  const KILLED = { part: 'kafka', how: 'killed', worker: null, atMs: 0, forMs: 0 } as const;
  const services = defineFaults('services', { start_failed: { kind: 'upstream', retry: 'after_change', publicText: 'It did not start.' } });
  /** A Kafka that answers in its time at the start of that number, and before that fails so. */
  const slowKafka = (answersAt: number, failure: () => Error): Breakable & { readonly starts: () => number } => {
    let starts = 0;
    const restartKafka = async (): Promise<void> => {
      starts += 1;
      if (starts < answersAt) throw failure();
    };
    return { workers: [{ name: 'worker-1', pid: 1 }], services: { killKafka: async () => undefined, restartKafka }, starts: () => starts };
  };

  it('is undone by starting again what did not answer in its time, as on a machine that is busy, and given up at the fifth', async () => {
    const [slow, never] = [slowKafka(3, () => services.start_failed('no answer')), slowKafka(99, () => services.start_failed('no answer'))];
    expect((await injectFault(slow, KILLED)).cutOffs).toHaveLength(1);
    expect(slow.starts()).toBe(3);
    await expect(injectFault(never, KILLED)).rejects.toMatchObject({ code: 'services.start_failed' });
    expect(never.starts()).toBe(5);
  });

  it('ends the run when undoing it fails otherwise', async () => {
    await expect(injectFault(slowKafka(2, () => new Error('no disk')), KILLED)).rejects.toThrow('no disk');
  });
});
