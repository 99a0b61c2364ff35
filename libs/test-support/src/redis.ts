import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startRedis, type RedisOptions, type RunningRedis } from '@sallyport/services-local';

/** A Redis for one test file. */
export interface TestRedis {
  readonly url: string;
  /** In front of every key, so that files may share a server. */
  readonly keyPrefix: string;
  stop(): Promise<void>;
}

/**
 * `REDIS_URL` where it is given, else a Redis of this file's own. For tests that neither flush nor disturb it.
 *
 * @throws {Fault} `services.cannot_be_had` with the sentence that says what to install.
 */
export async function testRedis(): Promise<TestRedis> {
  const keyPrefix = `test-${randomUUID()}:`;
  const given = process.env['REDIS_URL'];
  if (given !== undefined) return { url: given, keyPrefix, stop: async () => undefined };
  const { url, stop } = await ownRedis({ keepsData: false });
  return { url, keyPrefix, stop };
}

/** A Redis that the test may flush, crash, stall and restart; its data is gone once it is stopped. Always a process of this machine. */
export async function ownRedis(options: Omit<RedisOptions, 'dataFolder'> = {}): Promise<RunningRedis> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'sallyport-test-redis-'));
  const redis = await startRedis({ ...options, dataFolder });
  const stop = async (): Promise<void> => {
    await redis.stop();
    rmSync(dataFolder, { recursive: true, force: true });
  };
  return { ...redis, get pid() { return redis.pid; }, stop };
}
