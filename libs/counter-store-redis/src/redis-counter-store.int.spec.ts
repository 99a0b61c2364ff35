import { ONE, addDecimals, branded, compareDecimals, formatDecimal, subtractDecimals, ZERO, type EpochMs } from '@sallyport/kernel';
import type { CounterSeed } from '@sallyport/counter-store';
import { counterModelContract, counterStoreContract, aConcurrentAsk, aFixedAsk, decimal, type CounterStoreHarness } from '@sallyport/counter-store/testing';
import { ownRedis, testRedis } from '@sallyport/test-support';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

import { DECIMALS_LUA } from './scripts/decimals.lua.js';
import { script } from './scripts/script.js';
import { ORGANISATION, RedisBench, TestSpent } from './testing/redis-bench.js';

const START = branded<EpochMs>(1_760_000_040_000);
const redis = await testRedis();
const cluster = await ownRedis({ isCluster: true, keepsData: false });
const benches: RedisBench[] = [];
let runs = 0;

afterEach(() => {
  for (const bench of benches.splice(0)) bench.close();
});
afterAll(async () => {
  await Promise.all([redis.stop(), cluster.stop()]);
});

const benchOn = (url: string, isCluster = false): RedisBench => {
  runs += 1;
  const bench = new RedisBench(url, `${redis.keyPrefix}${runs}:`, isCluster);
  benches.push(bench);
  return bench;
};

/** A store whose time the suites set, seeded with nothing, or with what a suite puts back. */
const harnessOn = async (url: string, isCluster = false): Promise<CounterStoreHarness> => {
  const bench = benchOn(url, isCluster);
  let nowMs: number = START;
  const storeTime = (): number => nowMs;
  const spent = new TestSpent([]);
  const seeder = await bench.seeder(spent, storeTime);
  const store = await bench.store({ storeTime, leaseMs: 600_000 });
  let seeding: Promise<void> | undefined;
  const seed = (seeds: readonly CounterSeed[]): Promise<void> => {
    spent.seeds = seeds;
    return (seeding = seeder.ensure(ORGANISATION));
  };
  const lazily: typeof store.reserve = async (asks, id) => {
    await (seeding ?? seed([]));
    return store.reserve(asks, id);
  };
  const at = (ms: number): void => {
    nowMs = ms;
  };
  return { store: { reserve: lazily, release: (asks) => store.release(asks), settle: (asks, notCounted) => store.settle(asks, notCounted) }, startMs: START, at, seed };
};

counterStoreContract('Redis', () => harnessOn(redis.url));
counterModelContract('Redis', () => harnessOn(redis.url), 40);
counterStoreContract('a Redis Cluster', () => harnessOn(cluster.url, true));

describe('decimals in Lua', () => {
  it('are summed, subtracted and compared as the kernel does', async () => {
    const connection = await benchOn(redis.url).connection();
    const run = script(`${DECIMALS_LUA} return { plus(ARGV[1], ARGV[2]), minus(ARGV[1], ARGV[2]), tostring(is_less(ARGV[1], ARGV[2])) }`);
    const digits = fc.string({ unit: fc.constantFrom('0', '9', '1', '5', '00000000', '99999999'), minLength: 1, maxLength: 40 });
    const amount = fc.tuple(digits, fc.option(digits)).map(([whole, part]) => decimal(part === null ? whole : `${whole}.${part}`));
    await fc.assert(
      fc.asyncProperty(amount, amount, async (left, right) => {
        const isLess = compareDecimals(left, right) < 0;
        const difference = isLess ? ZERO : subtractDecimals(left, right);
        const wanted = [formatDecimal(addDecimals(left, right)), formatDecimal(difference), String(isLess)];
        expect(await connection.run(run, ['k'], [formatDecimal(left), formatDecimal(right)])).toEqual(wanted);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('keys in Redis', () => {
  it('all expire after their window but the epoch, and are of one slot for one organisation', async () => {
    const bench = benchOn(redis.url);
    await (await bench.seeder()).ensure(ORGANISATION);
    const store = await bench.store();
    const now = Date.now();
    await store.reserve([aFixedAsk(now), { ...aFixedAsk(now), key: 'o/p/s/sliding:grant/g', algorithm: 'sliding' }, aConcurrentAsk(now, { key: 'o/p/c/concurrent:grant/g' })]);
    const connection = await bench.connection();
    const listing = script(`local out = {} for _, key in ipairs(redis.call('KEYS', ARGV[1])) do out[#out + 1] = key .. ' ' .. redis.call('PTTL', key) end return out`);
    const lines = String(await connection.run(listing, ['k'], [`${bench.keyPrefix}*`])).split(',');
    expect(lines).toHaveLength(7);
    for (const line of lines) {
      const [key = '', ttl = ''] = line.split(' ');
      expect(key.startsWith(`${bench.keyPrefix}{o}:`)).toBe(true);
      if (key.endsWith(':epoch')) expect(Number(ttl)).toBe(-1);
      else expect(Number(ttl)).toSatisfy((ms: number) => ms > 0 && ms <= 181_000);
    }
  });
});

describe('a reservation in Redis', () => {
  it('is one however often it is asked for, and says the same', async () => {
    const bench = benchOn(redis.url);
    await (await bench.seeder()).ensure(ORGANISATION);
    const [first, second] = [await bench.store(), await bench.store()];
    const asks = () => [aFixedAsk(Date.now(), { max: ONE })];
    expect(await first.reserve(asks(), 'the-call')).toMatchObject({ taken: true });
    expect(await first.reserve(asks(), 'the-call')).toMatchObject({ taken: true });
    expect(await second.reserve(asks(), 'the-call')).toMatchObject({ taken: true });
    expect(await second.reserve(asks(), 'another')).toMatchObject({ taken: false });
  });

  it('is refused as a fault when its asks are of two organisations', async () => {
    const store = await benchOn(redis.url).store();
    await expect(async () => store.reserve([aFixedAsk(START), aFixedAsk(START, { key: 'other/p/calls/grant/g' })])).rejects.toMatchObject({ code: 'counter.invalid_ask' });
  });

  it('is in the windows of the store, whatever the clocks of the workers say, so that they agree', async () => {
    const bench = benchOn(redis.url);
    const spent = new TestSpent();
    await (await bench.seeder(spent)).ensure(ORGANISATION);
    const max = decimal('10');
    const day = 86_400_000;
    const windows = new Set<string>();
    let admitted = 0;
    for (const skewMs of [0, -day, 3_600_000, 30 * day]) {
      const store = await bench.store();
      for (let call = 0; call < 10; call += 1) {
        const at = Math.floor((Date.now() + skewMs) / day) * day;
        const ask = { ...aFixedAsk(at, { max }), windowStartMs: branded<EpochMs>(at), windowEndMs: branded<EpochMs>(at + day) };
        const answer = await store.reserve([ask]);
        if (!answer.taken) continue;
        admitted += 1;
        windows.add(String((answer.asks ?? [ask])[0]?.windowStartMs));
      }
    }
    expect([admitted, windows.size]).toEqual([10, 1]);
  });

  it('gives nothing back to counters that were lost and restored since', async () => {
    const bench = benchOn(redis.url);
    const seeder = await bench.seeder();
    await seeder.ensure(ORGANISATION);
    const store = await bench.store();
    const before = [aFixedAsk(Date.now(), { max: ONE })];
    await store.reserve(before);
    const connection = await bench.connection();
    await connection.run(script(`return redis.call('DEL', KEYS[1])`), [`${bench.keyPrefix}{o}:epoch`], []);
    await seeder.ensure(ORGANISATION);
    await store.release(before);
    expect(await store.reserve([aFixedAsk(Date.now(), { max: ONE })])).toMatchObject({ taken: false });
  });
});
