import { FakeClock, ManualScheduler } from '@sallyport/kernel/testing';
import { describe, expect, it } from 'vitest';

import type { DeliveryStore, SinkLease } from './delivery-store.js';
import { LeaseKeeper } from './lease-keeper.js';
import { freshProgress } from './sink-progress.js';
import { MemoryDeliveryStore } from './testing/memory-delivery-store.js';
import { ORGANISATION } from './testing/outgoing-events.js';

const LEASE_MS = 15_000;
const HOUR_MS = 3_600_000;
const sink = { organisationId: ORGANISATION, sinkId: 'sink-1' };

describe('a lease that is kept', () => {
  /** A lease of this process's exporter, and what becomes of it; the store answers until a test says otherwise. */
  async function kept(): Promise<{ readonly clock: FakeClock; readonly lease: SinkLease; readonly store: { isAway: boolean; readonly real: DeliveryStore }; lost: () => number; pass: (ms: number) => Promise<void> }> {
    const clock = new FakeClock();
    const scheduler = new ManualScheduler(clock);
    const real = new MemoryDeliveryStore(clock, () => undefined);
    const store = { isAway: false, real };
    await real.open(sink, freshProgress(0, clock.now(), 'write-1'));
    const lease = await real.lease(sink, 'one', { ttlMs: LEASE_MS, patienceMs: 0 });
    if (lease === null) throw new Error('the lease is free');
    const asked: Pick<DeliveryStore, 'lease'> = { lease: (...wish) => (store.isAway ? Promise.reject(new Error('away')) : real.lease(...wish)) };
    let lost = 0;
    new LeaseKeeper(lease, { store: Object.assign(Object.create(real) as DeliveryStore, asked), clock, scheduler, leaseMs: LEASE_MS, onLost: () => (lost += 1) });
    const pass = async (ms: number): Promise<void> => {
      for (let leftMs = ms; leftMs > 0; leftMs -= 1_000) {
        scheduler.advance(1_000);
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    };
    return { clock, lease, store, lost: () => lost, pass };
  }

  it.each([0, -HOUR_MS, 24 * HOUR_MS])('is its holder’s as long as the store says so, and after a lease’s time without an answer nobody’s, with the wall clock set by %i ms', async (setMs) => {
    const { clock, store, lost, pass } = await kept();
    await pass(5 * LEASE_MS);
    expect(lost()).toBe(0);
    store.isAway = true;
    clock.setWall(clock.now() + setMs);
    await pass(LEASE_MS - 5_000);
    expect(lost()).toBe(0);
    await pass(6_000);
    expect(lost()).toBe(1);
  });

  it('is given up at the next look when it is somebody else’s', async () => {
    const { lease, store, lost, pass } = await kept();
    await store.real.release(lease);
    expect(await store.real.lease(sink, 'two', { ttlMs: LEASE_MS, patienceMs: 0 })).toMatchObject({ holder: 'two' });
    await pass(LEASE_MS / 3);
    expect(lost()).toBe(1);
  });
});
