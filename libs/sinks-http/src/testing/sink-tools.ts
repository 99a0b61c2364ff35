import { timerScheduler, type EpochMs } from '@sallyport/kernel';
import type { SinkTools } from '@sallyport/sinks';
import { EgressGuard, guardedNetwork } from '@sallyport/upstream';

const ORGANISATION_ID = '0199c8b4-1111-7000-8000-000000000001';

/** What a sink of a test is opened with: the real guarded network, with loopback opened; real timers unless told otherwise. */
export function sinkTools(over: Partial<SinkTools> = {}): SinkTools {
  const guard = new EgressGuard({ allow: [{ cidr: '127.0.0.0/8' }], ports: [] });
  return {
    network: guardedNetwork(guard, { organisationId: ORGANISATION_ID, organisationSlug: 'acme' }),
    clock: { now: () => Date.now() as EpochMs, monotonicMs: () => performance.now() },
    scheduler: timerScheduler(globalThis),
    random: () => 0.5,
    sinkId: '0199c8b4-5555-7000-8000-000000000005',
    organisationId: ORGANISATION_ID,
    ...over,
  };
}
