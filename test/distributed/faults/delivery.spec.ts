import { checkHistory } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { DeceivingBroker } from '../world/deceiving-broker.js';
import { Distribution } from '../world/distribution.js';
import { startExtraWorker } from '../world/extra-worker.js';
import type { FleetWorker } from '../world/fleet.js';
import { Tenant, type Held } from '../world/tenant.js';

const DECEIVED = 'worker-deceived';

let all: Distribution;
let tenant: Tenant;
let other: Tenant;
let broker: DeceivingBroker;
let deceived: FleetWorker;
let held: Held;

beforeAll(async () => {
  all = await Distribution.start({ workers: 1 });
  [tenant, other] = [await Tenant.create(all.fleet.world, all.upstream.url), await Tenant.create(all.fleet.world, all.upstream.url)];
  held = await tenant.grant();
  broker = await DeceivingBroker.start(all.services.kafka.brokers, 'deceiving.');
  deceived = await startExtraWorker(all.fleet, { workerId: DECEIVED, env: { KAFKA_TOPIC_PREFIX: broker.topicPrefix } });
  await all.status.until([DECEIVED], ({ state }) => state === 'ready');
});
afterAll(async () => {
  await broker?.close();
  await all?.end();
});

const everywhere = (): readonly FleetWorker[] => [...all.fleet.workers, deceived];
const call = (grant: Held, expected: string | null = null): Promise<string> => all.seen.call(deceived, grant, expected);

describe('a worker whose broker is in somebody else’s hands', () => {
  it('denies everything once events are withheld under fresh stamps, and so has the revocation it does not know of', async () => {
    const gone = await tenant.grant();
    expect(await all.seen.verdicts(gone, 'allowed', everywhere())).toEqual(['allowed', 'allowed']);
    broker.doWith(({ kind }) => (kind === 'event' ? 0 : 1));
    const callers = all.seen.keepCalling(gone, { workers: everywhere() });
    const { enforced } = await all.seen.revoke(tenant, gone);
    expect(enforced).toBe(true);
    await callers.more(5);
    await callers.stop();
    expect(await call(held)).toBe('policy_stale');
    expect(await call(gone)).not.toBe('allowed');
    expect(checkHistory(all.seen.history())).toEqual([]);
  });
});

describe('records that come twice, late and in another order', () => {
  it('come to the same as each once in its turn', async () => {
    broker = await heal();
    const [one, two] = [await tenant.grant(), await other.grant()];
    broker.doWith(({ kind }) => (kind === 'event' ? 'kept' : 1));
    const granted = [await tenant.grant({ waitFor: 'COMMITTED' }), await other.grant({ waitFor: 'COMMITTED' })];
    const revoked = [all.seen.revoke(tenant, one), all.seen.revoke(other, two)];
    await vi.waitFor(() => expect(broker.keptCount).toBeGreaterThanOrEqual(6), { timeout: 10_000, interval: 20 });
    await broker.letGo((kept) => [...kept].reverse().flatMap((record) => [record, record]).concat(kept));
    expect((await Promise.all(revoked)).map(({ enforced }) => enforced)).toEqual([true, true]);
    for (const grant of granted) await vi.waitFor(async () => expect(await call(grant)).toBe('allowed'), { timeout: 20_000, interval: 50 });
    for (const grant of [one, two]) expect(await call(grant)).toBe('401');
    broker.doWith(() => 3);
    const after = await tenant.grant();
    expect(await call(after, 'allowed')).toBe('allowed');
    expect((await all.seen.revoke(tenant, after)).enforced).toBe(true);
    expect(await call(after)).toBe('401');
    expect(checkHistory(all.seen.history())).toEqual([]);
  });

  /** Everything that was withheld is there from now on: the whole of the stream is copied again, in front of the same worker. */
  async function heal(): Promise<DeceivingBroker> {
    await broker.close();
    const again = await DeceivingBroker.start(all.services.kafka.brokers, broker.topicPrefix);
    await vi.waitFor(async () => expect(await call(held)).toBe('allowed'), { timeout: 40_000, interval: 100 });
    return again;
  }
});
