import { branded, timerScheduler, type EpochMs } from '@sallyport/kernel';
import type { GuardedNetwork, SinkTools } from '@sallyport/sinks';

/** Tools with the platform's time. */
export function sinkTools(network: GuardedNetwork, over: Partial<SinkTools> = {}): SinkTools {
  const clock = { now: () => branded<EpochMs>(Date.now()), monotonicMs: () => performance.now() };
  const scheduler = timerScheduler({ setTimeout: (run, delayMs) => setTimeout(run, delayMs), clearTimeout: (handle: NodeJS.Timeout) => clearTimeout(handle) });
  return { network, clock, scheduler, random: () => 0.5, sinkId: '0199c2a0-7b00-7000-8000-00000000005a', organisationId: '0199c2a0-7b00-7000-8000-0000000000a1', ...over };
}
