import { checkHistory } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { Distribution } from '../world/distribution.js';
import { startExtraWorker } from '../world/extra-worker.js';
import type { FleetWorker } from '../world/fleet.js';
import { storedCalls, storedRecords } from '../world/stored-records.js';
import { Tenant, type Held } from '../world/tenant.js';

const FAR = 'worker-far';
const SOON = { timeout: 60_000, interval: 100 };

let all: Distribution;
let tenant: Tenant;
let held: Held;
let far: FleetWorker;

beforeAll(async () => {
  all = await Distribution.start({ workers: 1 });
  tenant = await Tenant.create(all.fleet.world, all.upstream.url);
  held = await tenant.grant();
  far = await startExtraWorker(all.fleet, { workerId: FAR, env: { KAFKA_BROKERS: `127.0.0.1:${all.services.kafkaProxy.port}` } });
  await all.status.until([FAR], ({ state }) => state === 'ready');
});
afterAll(() => all?.end());

const everywhere = (): readonly FleetWorker[] => [...all.fleet.workers, far];

/** Everybody answers as ever, and a change is enforced on the far worker too. */
async function expectHealed(): Promise<void> {
  await vi.waitFor(async () => expect(await all.seen.verdicts(held, null, everywhere())).toEqual(['allowed', 'allowed']), SOON);
  await all.status.until([FAR], ({ state, stampAgeMs }) => state === 'ready' && stampAgeMs !== null, 60_000);
  const next = await tenant.grant();
  expect(await all.seen.verdicts(next, 'allowed', everywhere())).toEqual(['allowed', 'allowed']);
  expect((await all.seen.revoke(tenant, next)).enforced).toBe(true);
  expect(await all.seen.verdicts(next, '401', everywhere())).toEqual(['401', '401']);
}

describe('a worker that is parted from the broker', () => {
  it('denies from S and the skew on, so that a revocation it cannot hear of is enforced all the same; its records come later, each once [grant/revocation-binds] [audit/nothing-lost]', async () => {
    const gone = await tenant.grant();
    expect(await all.seen.verdicts(gone, 'allowed', everywhere())).toEqual(['allowed', 'allowed']);
    all.services.kafkaProxy.set({ kind: 'blackhole' });
    const fromMs = performance.now();
    const callers = all.seen.keepCalling(gone, { workers: everywhere() });
    expect((await all.seen.revoke(tenant, gone)).enforced).toBe(true);
    await callers.more(5);
    await callers.stop();
    expect(await all.seen.call(far, held)).toBe('policy_stale');
    expect(await all.seen.call(all.fleet.workers[0] ?? far, held, 'allowed')).toBe('allowed');
    all.seen.cutOffs.push({ worker: FAR, fromMs, untilMs: performance.now() });
    all.services.kafkaProxy.set({ kind: 'none' });
    await expectHealed();
    const calls = all.seen.calls.filter(({ grant, verdict }) => grant === gone.grantId && verdict === 'allowed').length;
    await vi.waitFor(async () => expect(await storedCalls(all.services.databaseUrl, gone.grantId)).toBeGreaterThanOrEqual(calls), SOON);
    await vi.waitFor(async () => expect(checkHistory(all.seen.history({ audit: await storedRecords(all.services.databaseUrl) }))).toEqual([]), SOON);
  });
});

describe('a worker on a bad line', () => {
  it('goes on over resets, a slow line and a narrow one, and neither misses nor repeats a change', async () => {
    const callers = all.seen.keepCalling(held, { workers: all.fleet.workers, expected: 'allowed' });
    for (let count = 0; count < 5; count += 1) {
      all.services.kafkaProxy.reset();
      await tenant.grant({ waitFor: 'COMMITTED' });
    }
    await expectHealed();
    all.services.kafkaProxy.set({ kind: 'latency', ms: 200 });
    await expectHealed();
    all.services.kafkaProxy.set({ kind: 'bandwidth', bytesPerSecond: 100_000 });
    await expectHealed();
    all.services.kafkaProxy.set({ kind: 'none' });
    await callers.stop();
    expect(checkHistory(all.seen.history())).toEqual([]);
  });
});
