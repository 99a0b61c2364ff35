import { ManualScheduler } from '@sallyport/kernel/testing';
import { describe, expect, it } from 'vitest';

import { RepeatedTask } from './repeated-task.js';

describe('a repeated task', () => {
  it('runs an interval after it was started, and an interval after each run', async () => {
    const scheduler = new ManualScheduler();
    let runs = 0;
    const task = new RepeatedTask(scheduler, 1_000, async () => void (runs += 1));
    task.start();
    for (let expected = 1; expected <= 3; expected += 1) {
      expect(scheduler.delaysMs).toEqual([1_000]);
      scheduler.advance(1_000);
      expect(runs).toBe(expected);
      await Promise.resolve();
      await Promise.resolve();
    }
    await task.stop();
  });

  it('waits for the run under way when it is stopped, tells it, and plans no other', async () => {
    const scheduler = new ManualScheduler();
    let finish: () => void = () => undefined;
    let wasTold = false;
    const task = new RepeatedTask(scheduler, 1_000, async (isStopped) => {
      await new Promise<void>((resolve) => (finish = resolve));
      wasTold = isStopped();
    });
    task.start();
    scheduler.advance(1_000);
    const stopped = task.stop();
    finish();
    await stopped;
    expect([wasTold, scheduler.delaysMs]).toEqual([true, []]);
  });

  it('does not run at all when it is stopped first', async () => {
    const scheduler = new ManualScheduler();
    let runs = 0;
    const task = new RepeatedTask(scheduler, 1_000, async () => void (runs += 1));
    task.start();
    await task.stop();
    scheduler.advance(5_000);
    expect(runs).toBe(0);
  });
});
