import type { Scheduler } from '@sallyport/event-log';

/** The scheduler of a running process: the runtime's timers. */
export const timerScheduler: Scheduler = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
