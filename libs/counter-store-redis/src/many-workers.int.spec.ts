import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { testRedis } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ORGANISATION, RedisBench } from './testing/redis-bench.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const child = fileURLToPath(new URL('../dist/testing/reserve-child.js', import.meta.url));
const WORKERS = 4;

describe('four workers of their own processes', () => {
  let redis: Awaited<ReturnType<typeof testRedis>>;
  let bench: RedisBench;
  beforeAll(async () => {
    execFileSync(process.execPath, [join(root, 'test/quality/build.mjs')]);
    redis = await testRedis();
    bench = new RedisBench(redis.url, redis.keyPrefix);
    await (await bench.seeder()).ensure(ORGANISATION);
  }, 120_000);
  afterAll(async () => {
    bench.close();
    await redis.stop();
  });

  it('admit exactly 100 of 1,000 calls at once against a maximum of 100 [limits/exact]', async () => {
    const workers = await Promise.all(Array.from({ length: WORKERS }, startWorker));
    const admitted = await Promise.all(workers.map((worker) => worker.reserveAll()));
    expect(admitted.reduce((sum, count) => sum + count, 0)).toBe(100);
  }, 60_000);

  async function startWorker(): Promise<{ reserveAll(): Promise<number> }> {
    const worker = spawn(process.execPath, [child, redis.url, redis.keyPrefix, '250', '100'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: worker.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('ready');
    return {
      reserveAll: async () => {
        worker.stdin.write('go\n');
        return Number((await lines.next()).value);
      },
    };
  }
});
