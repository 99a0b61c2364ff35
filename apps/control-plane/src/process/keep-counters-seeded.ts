import { setTimeout as pause } from 'node:timers/promises';

import { CounterSeeder, RedisConnection } from '@sallyport/counter-store-redis';
import type { StopList } from '@sallyport/service-host';
import type { Logger } from 'pino';

import type { ControlPlane } from '../control-plane.js';

/** What keeping counters seeded needs. */
export interface SeededCountersParts {
  readonly redisUrl: string | null;
  readonly plane: Pick<ControlPlane, 'spent' | 'feed' | 'eventLog'>;
  readonly log: Logger;
  readonly stops: StopList;
}

/** How long the start waits for Redis, milliseconds; it is looked after whenever it comes. */
const CONNECT_MS = 1_000;

/**
 * Puts counters that Redis lost back from stored decisions, and makes those of a new organisation before its first call comes.
 * Where this control plane is not told of Redis, another has to.
 */
export async function keepCountersSeeded({ redisUrl, plane, log, stops }: SeededCountersParts): Promise<void> {
  const { spent } = plane;
  if (redisUrl === null || spent === null) return;
  const redis = new RedisConnection({ url: redisUrl });
  stops.add('redis', async () => redis.close());
  await Promise.race([redis.reachable(), pause(CONNECT_MS, undefined, { ref: false })]);
  const seeder = CounterSeeder.start({
    redis,
    source: spent,
    onFault: (error) => log.warn({ event: 'counters.not_seeded', err: error }, 'the counters in Redis could not be looked after; trying again'),
    onSeeded: (organisationId, counts) => log.info({ event: 'counters.seeded', organisationId, counts }, 'the counters of an organisation were put into Redis'),
  });
  stops.add('counter seeder', async () => seeder.close());
  const heads = await plane.eventLog.heads();
  const subscription = plane.feed.follow(
    {
      onEvents: (events) => {
        for (const { fact, organisationId } of events) if (fact.type === 'organisation.created') void seeder.ensure(organisationId);
      },
      onStamp: () => undefined,
      onUnreadable: () => undefined,
    },
    heads,
  );
  stops.add('counters of new organisations', () => subscription.close());
}
