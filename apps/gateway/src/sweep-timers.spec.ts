import { FakeClock } from '@sallyport/kernel/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { SweepTimers, type Swept } from './sweep-timers.js';

/** Counts what a gateway is asked for. */
class Counted {
  readonly clock = new FakeClock();
  readonly lateMs: number[] = [];
  readonly counts: Record<string, number> = {};

  get core(): Swept {
    const counted = (name: string) => (): void => void (this.counts[name] = (this.counts[name] ?? 0) + 1);
    const quiet = function* (): Generator<never> {
      counted('kept open')();
    };
    return {
      books: { clock: this.clock, metrics: { beatCame: (lateMs) => void this.lateMs.push(lateMs) } },
      calls: { endLate: counted('late calls') },
      sessions: { sweep: counted('sessions'), all: quiet },
      toolWatchers: { endExpired: counted('watchers') },
      toolChanges: { pass: counted('hints') },
      store: { readPolicies: counted('policies') },
      failures: { report: counted('failures') },
      freshness: { look: counted('freshness') },
      journalWatch: { look: counted('journal') },
    };
  }
}

describe('what happens by the clock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('happens as often as it must: twice a second, each second, four times a minute and once a minute', () => {
    const gateway = new Counted();
    new SweepTimers(gateway.core).start();
    vi.advanceTimersByTime(60_000);
    expect(gateway.counts).toEqual({ 'late calls': 120, sessions: 120, watchers: 120, hints: 120, policies: 120, freshness: 60, journal: 60, 'kept open': 4, failures: 1 });
  });

  it('wakes the process by one timer alone, and by none once it was stopped', () => {
    const timers = new SweepTimers(new Counted().core);
    timers.start();
    expect(vi.getTimerCount()).toBe(1);
    timers.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells of each beat how late it came', () => {
    const gateway = new Counted();
    new SweepTimers(gateway.core).start();
    for (const ms of [500, 740, 500]) {
      gateway.clock.advance(ms);
      vi.advanceTimersByTime(500);
    }
    expect(gateway.lateMs).toEqual([0, 240, 0]);
  });
});
