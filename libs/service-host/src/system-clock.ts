import { branded, type Clock, type EpochMs } from '@sallyport/kernel';

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => branded<EpochMs>(Date.now()),
  monotonicMs: () => performance.now(),
};
