import type { EpochMs } from './brand.js';

/** Where time comes from. Everything that needs the time is handed one of these or an instant; nothing asks the system itself. */
export interface Clock {
  /** Wall time, Unix milliseconds. May step back when an operator corrects the machine's clock. */
  now(): EpochMs;
  /** Milliseconds of an arbitrary origin that never goes back; for durations. */
  monotonicMs(): number;
}
