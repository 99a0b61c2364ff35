import { describe, expect, it } from 'vitest';

import { timerScheduler } from './scheduler.js';
import { FakeClock } from './testing/fake-clock.js';
import { ManualScheduler } from './testing/manual-scheduler.js';

describe('a scheduler on timers', () => {
  it('asks for one timer, which does not keep the process alive, and calls it off', () => {
    const done: string[] = [];
    const timer = { unref: () => done.push('unref') };
    const scheduler = timerScheduler({
      setTimeout: (run, delayMs) => (done.push(`set ${delayMs}`), run(), timer),
      clearTimeout: (handle) => void done.push(handle === timer ? 'cleared' : 'another'),
    });
    scheduler.after(70, () => done.push('run'))();
    expect(done).toEqual(['set 70', 'run', 'unref', 'cleared']);
  });
});

describe('the scheduler of tests', () => {
  it('runs what falls due in the order of time, what is asked for meanwhile included, and moves the clock with it', () => {
    const clock = new FakeClock(0);
    const scheduler = new ManualScheduler(clock);
    const ran: string[] = [];
    scheduler.after(20, () => void ran.push(`late at ${clock.now()}`));
    scheduler.after(10, () => {
      ran.push(`early at ${clock.now()}`);
      scheduler.after(5, () => void ran.push(`between at ${clock.now()}`));
    });
    scheduler.advance(19);
    expect(ran).toEqual(['early at 10', 'between at 15']);
    expect(scheduler.delaysMs).toEqual([1]);
    scheduler.advance(1);
    expect(ran.at(-1)).toBe('late at 20');
  });

  it('never runs what was called off', () => {
    const scheduler = new ManualScheduler();
    const callOff = scheduler.after(1, () => expect.unreachable());
    callOff();
    callOff();
    scheduler.advance(10);
    expect(scheduler.delaysMs).toEqual([]);
  });

  it('lets one beat happen and waits for the next to be asked for', async () => {
    const scheduler = new ManualScheduler();
    let beats = 0;
    const beat = (): void => void scheduler.after(500, () => ((beats += 1), void Promise.resolve().then(beat)));
    beat();
    await scheduler.elapse();
    await scheduler.elapse();
    expect(beats).toBe(2);
  });
});
