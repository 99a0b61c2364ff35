/** Runs something later, once. Handed in, so that tests decide when later is. */
export interface Scheduler {
  /** Runs `run` after `ms` milliseconds. What comes back calls it off. */
  after(ms: number, run: () => void): () => void;
}

/** Node's timers; they do not keep the process alive. */
export const nodeScheduler: Scheduler = {
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
