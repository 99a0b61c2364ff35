/** Calls something later, once. Injected, so that tests decide when. */
export interface Scheduler {
  /** Calls `run` after `delayMs` milliseconds. The answer cancels it; cancelling twice, or too late, does nothing. */
  after(delayMs: number, run: () => void): () => void;
}
