import { branded, type EpochMs } from '@sallyport/kernel';
import { testRedis } from '@sallyport/test-support';
import { afterAll, describe, expect, it } from 'vitest';

import { RedisConnection } from './redis-connection.js';
import { RedisMarkStore } from './redis-mark-store.js';

const redis = await testRedis();
const connections: RedisConnection[] = [];
afterAll(async () => {
  for (const connection of connections) connection.close();
  await redis.stop();
});

const now = (): EpochMs => branded<EpochMs>(Date.now());
const worker = async (url = redis.url): Promise<RedisMarkStore> => {
  const connection = new RedisConnection({ url });
  connections.push(connection);
  if (url === redis.url) await connection.reachable();
  return new RedisMarkStore({ redis: connection, keyPrefix: redis.keyPrefix, deadlineMs: 2_000 });
};

describe('marks in Redis', () => {
  it('that one worker leaves are borne at another, by that identity alone', async () => {
    const [one, other] = [await worker(), await worker()];
    await one.leave('o/i', [{ mark: 'a', seconds: 60 }, { mark: 'b', seconds: 60 }], now());
    expect(await other.borne('o/i', ['c', 'b', 'a'], now())).toEqual(['b', 'a']);
    expect([await other.borne('o/j', ['a'], now()), await other.borne('p/i', ['a'], now())]).toEqual([[], []]);
  });

  it('end by themselves, and a longer one stays', async () => {
    const [one, other] = [await worker(), await worker()];
    await one.leave('o/k', [{ mark: 'long', seconds: 60 }, { mark: 'short', seconds: 0.05 }], now());
    await one.leave('o/k', [{ mark: 'long', seconds: 0.05 }], now());
    await expect.poll(() => other.borne('o/k', ['long', 'short'], now())).toEqual(['long']);
  });

  it('cannot be told while Redis is away', async () => {
    const store = await worker('redis://127.0.0.1:1');
    await expect(store.borne('o/i', ['a'], now())).rejects.toMatchObject({ code: 'counter.unavailable' });
    await expect(store.leave('o/i', [{ mark: 'a', seconds: 60 }], now())).rejects.toMatchObject({ code: 'counter.unavailable' });
  });
});
