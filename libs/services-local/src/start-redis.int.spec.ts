import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, describe, expect, it } from 'vitest';

import { redisBinary } from './redis-binary.js';
import { startRedis, type RunningRedis } from './start-redis.js';

describe('a Redis of this machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-redis-'));
  const running: RunningRedis[] = [];
  const start = async (name: string, isCluster = false): Promise<RunningRedis> => {
    const redis = await startRedis({ dataFolder: join(folder, name), isCluster });
    running.push(redis);
    return redis;
  };
  afterEach(async () => {
    await Promise.all(running.splice(0).map((redis) => redis.stop()));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('comes from Maven where the PATH has none', async () => {
    expect(await redisBinary('/nowhere')).toMatch(/redis-server$/);
  }, 120_000);

  it('answers when it is started, and again after a crash, as another process on the same port', async () => {
    const redis = await start('plain');
    const first = redis.pid;
    await redis.crash();
    await redis.restart();
    expect(redis.pid).not.toBe(first);
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`);
  }, 60_000);

  it('can be the only node of a cluster', async () => {
    expect((await start('cluster', true)).port).toBeGreaterThan(0);
  }, 60_000);
});
