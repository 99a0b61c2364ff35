import { ONE, branded, parseDecimal, type EpochMs } from '@sallyport/kernel';

import { RedisConnection } from '../redis-connection.js';
import { RedisCounterStore } from '../redis-counter-store.js';

/**
 * A worker of its own process: `node reserve-child.js URL PREFIX CALLS MAX`. Says `ready`, waits for a line, reserves all its calls
 * at once in a window of a day, and says how many were admitted.
 */
async function main([url = '', keyPrefix = '', calls = '0', max = '0']: readonly string[]): Promise<void> {
  const redis = new RedisConnection({ url });
  await redis.reachable();
  const store = new RedisCounterStore({ redis, liveWorkers: () => 4, keyPrefix, deadlineMs: 30_000 });
  process.stdout.write('ready\n');
  await new Promise<void>((resolve) => process.stdin.once('data', () => resolve()));
  const day = 86_400_000;
  const startMs = Math.floor(Date.now() / day) * day;
  const window = { windowStartMs: branded<EpochMs>(startMs), windowEndMs: branded<EpochMs>(startMs + day) };
  const ask = { key: 'o/p/calls/grant/g', ...window, units: ONE, max: parseDecimal(max) ?? ONE };
  const answers = await Promise.all(Array.from({ length: Number(calls) }, () => store.reserve([ask])));
  process.stdout.write(`${answers.filter((answer) => answer.taken).length}\n`);
  store.close();
  redis.close();
  process.stdin.destroy();
}

await main(process.argv.slice(2));
