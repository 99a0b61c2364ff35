import { eventLogContract } from '@sallyport/event-log/testing';

import { openDataSource } from './testing/open-data-source.js';
import { PostgresEventLog } from './postgres-event-log.js';

eventLogContract('the PostgreSQL event log', async () => {
  const { dataSource, close } = await openDataSource();
  return { log: new PostgresEventLog(dataSource), close };
});
