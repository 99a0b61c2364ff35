import { branded, type IdentityId } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CallsInFlight, type TimedCall } from './calls-in-flight.js';

class Call implements TimedCall {
  place = -1;
  endings = 0;

  constructor(
    readonly deadlineMs: number,
    private readonly calls?: CallsInFlight,
  ) {}

  onDeadline(): void {
    this.endings += 1;
    this.calls?.unwatch(this);
  }
}

const ada = branded<IdentityId>('ada');

describe('calls in flight', () => {
  it('are told that their time is up exactly while they are watched, in whatever order they come and go', () => {
    const steps = fc.array(fc.record({ at: fc.nat(9), comes: fc.boolean() }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (script) => {
        const calls = new CallsInFlight(10);
        const all = Array.from({ length: 10 }, () => new Call(0));
        const watched = new Set<Call>();
        for (const { at, comes } of script) {
          const call = all[at];
          if (call === undefined || (comes && watched.has(call))) continue;
          if (comes) calls.watch(call);
          else calls.unwatch(call);
          if (comes) watched.add(call);
          else watched.delete(call);
        }
        calls.endAll();
        expect(all.map((call) => call.endings)).toEqual(all.map((call) => (watched.has(call) ? 1 : 0)));
      }),
    );
  });

  it('may leave while they are being told', () => {
    const calls = new CallsInFlight(10);
    const all = [1, 2, 3, 9].map((deadlineMs) => new Call(deadlineMs, calls));
    all.forEach((call) => calls.watch(call));
    calls.endLate(5);
    calls.endLate(5);
    expect(all.map((call) => call.endings)).toEqual([1, 1, 1, 0]);
  });

  it('are counted for each identity until they leave', async () => {
    const calls = new CallsInFlight(2);
    calls.enter(ada);
    calls.enter(ada);
    expect(calls.isFull(ada)).toBe(true);
    calls.leave(ada);
    expect(calls.isFull(ada)).toBe(false);
    const drained = calls.drained(60_000);
    calls.leave(ada);
    await drained;
    expect(calls.size).toBe(0);
  });
});
