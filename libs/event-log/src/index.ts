export type { EventFeed, FeedListener, FeedSubscription, Stamp } from './event-feed.js';
export { eventLogFault } from './event-log-faults.js';
export type { AppendRequest, DraftEvent, EventLog } from './event-log.js';
export type { Enforcement, WorkerStatus, WorkerStatusBoard } from './worker-status.js';
