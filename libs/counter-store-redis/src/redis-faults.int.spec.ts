import { readFileSync } from 'node:fs';

import type { CounterAsk, CounterSeed, Reservation } from '@sallyport/counter-store';
import { aConcurrentAsk, aFixedAsk, aSlidingAsk, decimal } from '@sallyport/counter-store/testing';
import { branded, ONE, type EpochMs } from '@sallyport/kernel';
import { ownRedis } from '@sallyport/test-support';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { RedisCounterStore } from './redis-counter-store.js';
import { script } from './scripts/script.js';
import { ORGANISATION, RedisBench, TestSpent } from './testing/redis-bench.js';
import { SteppedScheduler } from './testing/stepped-scheduler.js';

const README = new URL('../../../deploy/redis/README.md', import.meta.url);
const DAY_MS = 86_400_000;
const SOON = { timeout: 20_000, interval: 10 };

let redis: Awaited<ReturnType<typeof ownRedis>>;
let bench: RedisBench;
beforeAll(async () => {
  redis = await ownRedis();
});
beforeEach(() => {
  bench = new RedisBench(redis.url);
});
afterEach(() => {
  redis.resume();
  bench.close();
});
afterAll(() => redis.stop());

/** An amount of today, Redis' own time; at most ten of it. */
const today = (over: Partial<CounterAsk> = {}): CounterAsk => {
  const startMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  return aFixedAsk(0, { windowStartMs: branded<EpochMs>(startMs), windowEndMs: branded<EpochMs>(startMs + DAY_MS), max: decimal('10'), ...over });
};
const soft = (over: Partial<CounterAsk> = {}) => today({ class: 'soft', key: 'o/p/soft/grant/g', max: decimal('8'), ...over });
const spentToday = (units: string, key = today().key): CounterSeed => {
  const { windowStartMs, windowEndMs } = today();
  return { key, windowStartMs, windowEndMs, units: decimal(units) };
};
/** The code of the fault, or whether the asks were taken. */
const outcome = async (store: RedisCounterStore, ...asks: CounterAsk[]): Promise<string> => {
  try {
    return ((await store.reserve(asks)) satisfies Reservation).taken ? 'taken' : 'refused';
  } catch (caught) {
    return caught instanceof Error && 'code' in caught ? String(caught.code) : String(caught);
  }
};
const room = async (store: RedisCounterStore, ask: () => CounterAsk): Promise<number> => {
  let admitted = 0;
  while ((await outcome(store, ask())) === 'taken') admitted += 1;
  return admitted;
};
const command = async (lua: string): Promise<unknown> => (await bench.connection()).run(script(lua), ['{o}'], []);

describe('a Redis that was flushed', () => {
  it('denies hard limits until its counters are seeded from stored decisions, and then goes on from them', async () => {
    const store = await bench.store();
    const spent = new TestSpent();
    const seeder = await bench.seeder(spent);
    await seeder.ensure(ORGANISATION);
    for (let call = 0; call < 4; call += 1) await outcome(store, today());
    seeder.close();
    await command(`return redis.call('FLUSHALL')`);
    expect(await outcome(store, today())).toBe('counter.reset');
    expect(await outcome(store, soft(), today())).toBe('counter.reset');
    spent.seeds = [spentToday('3'), spentToday('1')];
    await bench.seeder(spent);
    await expect.poll(() => outcome(store, today({ units: decimal('0') })), SOON).toBe('taken');
    expect(await room(store, today)).toBe(6);
  });

  it('is seeded because a worker misses it, without anybody naming the organisation', async () => {
    const store = await bench.store();
    await bench.seeder(new TestSpent([]));
    expect(await outcome(store, today())).toBe('counter.reset');
    await expect.poll(() => outcome(store, today()), SOON).toBe('taken');
  });

  it('is seeded once by two control planes at once', async () => {
    const spent = new TestSpent([]);
    spent.seeds = [spentToday('3')];
    const seeders = [await bench.seeder(spent), await bench.seeder(spent), await bench.seeder(spent)];
    await Promise.all(seeders.map((seeder) => seeder.ensure(ORGANISATION)));
    expect(spent.reads).toBe(1);
    expect(await room(await bench.store(), today)).toBe(7);
  });

  it('is seeded in pieces when there is much to put back', async () => {
    const spent = new TestSpent([]);
    spent.seeds = Array.from({ length: 5_000 }, (_, index) => spentToday('9', `o/p/calls/grant/g${index}`));
    await (await bench.seeder(spent)).ensure(ORGANISATION);
    const store = await bench.store();
    for (const index of [0, 1_999, 2_000, 4_999]) expect(await room(store, () => today({ key: `o/p/calls/grant/g${index}` }))).toBe(1);
  });

  it('refuses windows that were not seeded until they have passed, and calls in flight for a lease', async () => {
    let nowMs = 1_760_000_090_000;
    const storeTime = (): number => nowMs;
    const spent = new TestSpent([]);
    spent.missingBelowMs = 3_600_000;
    spent.callsInFlight = true;
    await (await bench.seeder(spent, storeTime)).ensure(ORGANISATION);
    const store = await bench.store({ storeTime });
    const all = async () => [await outcome(store, aFixedAsk(nowMs)), await outcome(store, aSlidingAsk(nowMs)), await outcome(store, aConcurrentAsk(nowMs))];
    expect(await all()).toEqual(['counter.reset', 'counter.reset', 'counter.reset']);
    nowMs += 15_000;
    expect(await all()).toEqual(['taken', 'counter.reset', 'taken']);
    nowMs += 45_000;
    expect(await all()).toEqual(['taken', 'taken', 'taken']);
  });

  it('is not seeded while it may evict counters', async () => {
    const admin = new Redis(redis.url);
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const store = await bench.store();
    await bench.seeder();
    await expect.poll(() => bench.faults.map(String).join(), SOON).toContain('set it to noeviction');
    expect(await outcome(store, today())).toBe('counter.reset');
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
    await expect.poll(() => outcome(store, today()), SOON).toBe('taken');
    admin.disconnect();
  });
});

describe('a Redis with users', () => {
  it('lets workers and seeders do what they do with no more than deploy/redis grants them', async () => {
    const admin = new Redis(redis.url);
    for (const name of ['worker', 'seeder']) {
      const line = new RegExp(`^user ${name} (.+)$`, 'm').exec(readFileSync(README, 'utf8'))?.[1] ?? '';
      await admin.acl('SETUSER', name, ...line.replace('>SECRET', '>pass').replace('sallyport:', bench.keyPrefix).split(' '));
    }
    const as = (name: string): RedisBench => new RedisBench(redis.url.replace('//', `//${name}:pass@`), bench.keyPrefix);
    const [worker, seeding] = [as('worker'), as('seeder')];
    const store = await worker.store();
    const all = [today(), { ...today(), key: 'o/p/s/sliding:grant/g', algorithm: 'sliding' } as const, aConcurrentAsk(0)];
    expect(await outcome(store, ...all)).toBe('counter.reset');
    const spent = new TestSpent([]);
    spent.seeds = [spentToday('3'), { ...spentToday('1', 'o/p/s/sliding:grant/g'), algorithm: 'sliding' }];
    await seeding.seeder(spent);
    await expect.poll(() => outcome(store, ...all), SOON).toBe('taken');
    await store.reserve(all);
    await store.release(all);
    expect(await room(store, today)).toBe(6);
    expect(seeding.faults).toEqual([]);
    for (const each of [worker, seeding]) each.close();
    admin.disconnect();
  });
});

describe('a Redis that is killed', () => {
  it('admits no more than the limit across its death and restart, since it counts as flushed', async () => {
    const spent = new TestSpent();
    await (await bench.seeder(spent)).ensure(ORGANISATION);
    const store = await bench.store();
    const decided: CounterSeed[] = [];
    const call = async (): Promise<string> => {
      const result = await outcome(store, today());
      if (result === 'taken') decided.push(spentToday('1'));
      spent.seeds = decided;
      return result;
    };
    for (let count = 0; count < 6; count += 1) await call();
    await redis.crash();
    expect(await call()).toBe('counter.unavailable');
    await redis.restart();
    await expect.poll(call, SOON).toBe('refused');
    expect(decided).toHaveLength(10);
  });

  it('counts as flushed even where it kept what it had, as it may have lost the last of it', async () => {
    const seeder = await bench.seeder();
    await seeder.ensure(ORGANISATION);
    const store = await bench.store();
    expect(await outcome(store, today())).toBe('taken');
    seeder.close();
    await redis.restart();
    await expect.poll(() => outcome(store, today()), SOON).toBe('counter.reset');
  });

  it('lets soft limits through up to this worker\'s share, and gives back what that took', async () => {
    await (await bench.seeder()).ensure(ORGANISATION);
    const store = await bench.store();
    await redis.crash();
    await outcome(store, today());
    expect(await outcome(store, soft(), today())).toBe('counter.unavailable');
    expect(await room(store, soft)).toBe(2);
    const ask = [soft({ key: 'o/p/soft2/grant/g', max: decimal('4') })];
    await store.reserve(ask);
    await store.release(ask);
    expect(await room(store, () => soft({ key: 'o/p/soft2/grant/g', max: decimal('4') }))).toBe(1);
    expect(await room(store, () => soft({ key: 'o/p/soft3/grant/g', max: decimal('3') }))).toBe(0);
    await redis.restart();
    await expect.poll(() => store.isAvailable, SOON).toBe(true);
  });
});

describe('a Redis that does not answer', () => {
  it('denies in the time a call may wait, the next call at once, and gives back what it took too late', async () => {
    await (await bench.seeder()).ensure(ORGANISATION);
    const store = await bench.store({ deadlineMs: 50, probeMs: 20 });
    const patient = await bench.store();
    await outcome(store, today({ units: decimal('0') }));
    redis.stall();
    const waiting = Array.from({ length: 10 }, () => outcome(store, today()));
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['counter.unavailable']));
    expect(() => store.reserve([today()])).toThrow(expect.objectContaining({ code: 'counter.unavailable' }));
    expect(await room(store, soft)).toBe(2);
    redis.resume();
    await expect.poll(() => store.isAvailable, SOON).toBe(true);
    await expect.poll(() => outcome(patient, today({ units: decimal('10') })), SOON).toBe('taken');
    expect(await outcome(patient, today())).toBe('refused');
  });

  it('keeps what a second attempt of the same call was told', async () => {
    await (await bench.seeder()).ensure(ORGANISATION);
    const scheduler = new SteppedScheduler();
    const store = await bench.store({ scheduler, deadlineMs: 50 });
    const patient = await bench.store();
    redis.stall();
    const early = Promise.resolve(store.reserve([today({ max: ONE })], 'the-call')).catch((fault: unknown) => fault);
    scheduler.pass(40);
    const second = store.reserve([today({ max: ONE })], 'the-call');
    scheduler.pass(20);
    expect(await early).toMatchObject({ code: 'counter.unavailable' });
    redis.resume();
    expect(await second).toMatchObject({ taken: true });
    expect(await outcome(patient, today({ max: ONE }))).toBe('refused');
  });
});

describe('a call in flight', () => {
  it('is held as long as its worker renews it, and ends a lease after its worker died', async () => {
    let nowMs = 1_760_000_040_000;
    const storeTime = (): number => nowMs;
    await (await bench.seeder(new TestSpent([]), storeTime)).ensure(ORGANISATION);
    const scheduler = new SteppedScheduler();
    const worker = await bench.store({ storeTime, scheduler });
    const other = await bench.store({ storeTime });
    const ask = () => aConcurrentAsk(nowMs, { max: ONE });
    expect(await outcome(worker, ask())).toBe('taken');
    for (let third = 0; third < 12; third += 1) {
      nowMs += 5_000;
      scheduler.pass(5_000);
      expect(await outcome(worker, today({ units: decimal('0') }), ask())).toBe('refused');
      expect(await outcome(other, ask())).toBe('refused');
    }
    worker.close();
    nowMs += 14_999;
    expect(await outcome(other, ask())).toBe('refused');
    nowMs += 1;
    expect(await outcome(other, ask())).toBe('taken');
  });

  it('is put back by its worker when Redis lost it, and ends with its call all the same', async () => {
    let nowMs = 1_760_000_040_000;
    const storeTime = (): number => nowMs;
    const seeder = await bench.seeder(new TestSpent([]), storeTime);
    await seeder.ensure(ORGANISATION);
    const scheduler = new SteppedScheduler();
    const worker = await bench.store({ storeTime, scheduler });
    const asks = [aConcurrentAsk(nowMs, { max: ONE })];
    await worker.reserve(asks);
    await command(`return redis.call('FLUSHALL')`);
    nowMs += 5_000;
    scheduler.pass(5_000);
    await seeder.ensure(ORGANISATION);
    const other = await bench.store({ storeTime });
    expect(await outcome(other, aConcurrentAsk(nowMs, { max: ONE }))).toBe('refused');
    await worker.settle(asks);
    expect(await outcome(other, aConcurrentAsk(nowMs, { max: ONE }))).toBe('taken');
  });
});
