import { ManualScheduler } from '@sallyport/kernel/testing';
import { describe, expect, it } from 'vitest';

import { CoarseClock, TICK_MS } from './coarse-clock.js';

const STEP_MS = 10;

describe('a coarse clock', () => {
  it.each([1, 40, TICK_MS, TICK_MS + 1, 5_000])('lets %i ms pass for certain, and at most two ticks more', (ms) => {
    for (let phase = 0; phase < TICK_MS; phase += STEP_MS) {
      const { clock, scheduler } = ticking(phase);
      const due = clock.after(ms);
      const passed = msUntil(scheduler, () => clock.now >= due);
      expect(passed).toBeGreaterThanOrEqual(ms);
      expect(passed).toBeLessThanOrEqual(ms + 2 * TICK_MS);
    }
  });

  it.each([TICK_MS, TICK_MS + 1, 5_000])('is not past the last tick within %i ms, and at most two ticks before', (ms) => {
    for (let phase = 0; phase < TICK_MS; phase += STEP_MS) {
      const { clock, scheduler } = ticking(phase);
      const due = clock.within(ms);
      const passed = msUntil(scheduler, () => clock.now >= due);
      expect(passed).toBeLessThanOrEqual(ms);
      expect(passed).toBeGreaterThan(ms - 2 * TICK_MS);
    }
  });

  it('ticks for whom it is asked to, and not at all for nobody', () => {
    const scheduler = new ManualScheduler();
    const clock = new CoarseClock(scheduler);
    const heard: string[] = [];
    const one = (): void => (heard.push('one'), clock.delete(one));
    const other = (): void => void heard.push('other');
    clock.add(one);
    clock.add(other);
    expect(scheduler.delaysMs).toEqual([TICK_MS]);
    scheduler.advance(2 * TICK_MS);
    clock.delete(other);
    scheduler.advance(TICK_MS);
    expect(heard).toEqual(['one', 'other', 'other']);
    expect(scheduler.delaysMs).toEqual([]);
  });
});

function ticking(phaseMs: number): { clock: CoarseClock; scheduler: ManualScheduler } {
  const scheduler = new ManualScheduler();
  const clock = new CoarseClock(scheduler);
  clock.add(() => undefined);
  scheduler.advance(phaseMs);
  return { clock, scheduler };
}

function msUntil(scheduler: ManualScheduler, isDue: () => boolean): number {
  let passed = 0;
  for (; !isDue(); passed += 1) scheduler.advance(1);
  return passed;
}
