import type { Fault } from '@sallyport/kernel';
import type { Logger } from 'pino';

/** What is said of faults that a part gets over by itself. */
export interface FaultTelling {
  readonly log: Pick<Logger, 'warn'>;
  readonly event: string;
  readonly sentence: string;
  /** Of a clock that never steps back, milliseconds. */
  readonly nowMs: () => number;
}

const AGAIN_AFTER_MS = 10_000;

/**
 * Logs what may come many times a second while something is away: the first fault of each code, then at most one of it every
 * 10 s, with how many there were.
 */
export function tellFaults({ log, event, sentence, nowMs }: FaultTelling): (fault: Fault) => void {
  const told = new Map<string, { atMs: number; since: number }>();
  return (fault) => {
    const known = told.get(fault.code);
    if (known !== undefined && nowMs() - known.atMs < AGAIN_AFTER_MS) {
      known.since += 1;
      return;
    }
    told.set(fault.code, { atMs: nowMs(), since: 0 });
    log.warn({ event, code: fault.code, reason: fault.message, times: (known?.since ?? 0) + 1 }, sentence);
  };
}
