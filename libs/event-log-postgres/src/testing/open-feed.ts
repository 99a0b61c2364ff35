import type { OpenedFeed } from '@sallyport/event-log/testing';
import { FakeClock, ManualScheduler } from '@sallyport/kernel/testing';

import { PostgresEventFeed } from '../postgres-event-feed.js';
import { PostgresEventLog } from '../postgres-event-log.js';
import { openDataSource, runIn } from './open-data-source.js';

/** A feed over a database of its own, whose rounds happen when the test lets them. */
export async function openFeed(): Promise<OpenedFeed> {
  const { url, dataSource, close } = await openDataSource();
  const { pathname } = new URL(url);
  const database = pathname.slice(1);
  const clock = new FakeClock();
  const scheduler = new ManualScheduler();
  const elsewhere = new URL(url);
  elsewhere.pathname = '/postgres';
  return {
    log: new PostgresEventLog(dataSource),
    feed: new PostgresEventFeed({ url, clock, scheduler, onFault: () => undefined }),
    clock,
    beat: () => scheduler.elapse(),
    sever: async () => {
      await runIn(elsewhere.href, `ALTER DATABASE ${database} ALLOW_CONNECTIONS false`);
      await runIn(elsewhere.href, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}'`);
    },
    restore: () => runIn(elsewhere.href, `ALTER DATABASE ${database} ALLOW_CONNECTIONS true`),
    close,
  };
}
