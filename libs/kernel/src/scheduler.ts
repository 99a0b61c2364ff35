/** Does things later. Handed in like a clock, so that tests decide when later is. */
export interface Scheduler {
  /** Calls `run` once after `delayMs` milliseconds. The answer calls it off; calling off twice, or too late, does nothing. */
  after(delayMs: number, run: () => void): () => void;
}

/** The timers of a platform; Node's `globalThis` is one. */
export interface Timers<Handle extends { unref(): unknown }> {
  setTimeout(run: () => void, delayMs: number): Handle;
  clearTimeout(handle: NoInfer<Handle>): void;
}

/** A scheduler for a running process: real timers, which do not keep the process alive. */
export function timerScheduler<Handle extends { unref(): unknown }>(timers: Timers<Handle>): Scheduler {
  return {
    after(delayMs, run) {
      const handle = timers.setTimeout(run, delayMs);
      handle.unref();
      return () => timers.clearTimeout(handle);
    },
  };
}
