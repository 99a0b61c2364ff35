export type { Verb } from './isolate-table.js';
export { isolateTable } from './isolate-table.js';
export { eventLogMigrations } from './migrations/event-log-migrations.js';
export type { PostgresEventFeedParts } from './postgres-event-feed.js';
export { PostgresEventFeed } from './postgres-event-feed.js';
export { PostgresEventLog } from './postgres-event-log.js';
export { FOLLOWER_ROLE, SERVING_ROLE, asFollower, enterOrganisation, inOrganisation } from './serving-role.js';
