export type { EventFeed, FeedListener, FeedSubscription, Stamp } from './event-feed.js';
export { eventLogFault } from './event-log-faults.js';
export type { AppendRequest, DraftEvent, EventLog } from './event-log.js';
export { foldEvents } from './fold-events.js';
export type { LogPosition } from './record-append.js';
export { objectKey, recordAppend } from './record-append.js';
export type { Scheduler } from './scheduler.js';
export type { Enforcement, WorkerStatus, WorkerStatusBoard } from './worker-status.js';
