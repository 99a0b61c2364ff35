import { branded, type EpochMs } from '@sallyport/kernel';
import { describe, expect, it, vi } from 'vitest';

import { CaughtUpWaiters } from './caught-up-waiters.js';

const asked = branded<EpochMs>(1_000);
const later = branded<EpochMs>(1_001);

describe('those who wait to be caught up', () => {
  it('are answered by a stamp later than their asking', async () => {
    const waiters = new CaughtUpWaiters(() => asked);
    const waited = waiters.wait();
    waiters.reached(later);
    await expect(waited).resolves.toBeUndefined();
  });

  it('have nobody read to the end for nothing', () => {
    const end = vi.fn(() => Promise.reject(new Error('closed')));
    new CaughtUpWaiters(() => asked).readToEnd(end);
    expect(end).not.toHaveBeenCalled();
  });

  it('are answered by one reading to the end at a time, and by the next when that failed', async () => {
    const waiters = new CaughtUpWaiters(() => asked);
    const waited = waiters.wait();
    const failing = vi.fn(() => Promise.reject(new Error('closed')));
    waiters.readToEnd(failing);
    waiters.readToEnd(failing);
    expect(failing).toHaveBeenCalledTimes(1);
    await vi.waitFor(() => {
      const end = vi.fn(() => Promise.resolve());
      waiters.readToEnd(end);
      expect(end).toHaveBeenCalled();
    });
    await expect(waited).resolves.toBeUndefined();
  });

  it('are refused when the follower ends first, and after', async () => {
    const waiters = new CaughtUpWaiters(() => asked);
    const waited = waiters.wait();
    waiters.close();
    await expect(waited).rejects.toMatchObject({ code: 'event_log.closed' });
    await expect(waiters.wait()).rejects.toMatchObject({ code: 'event_log.closed' });
  });
});
