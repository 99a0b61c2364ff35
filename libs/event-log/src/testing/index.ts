export { LONG_AGO, aDraft, anAppend, newIdentity, newOrganisationId } from './drafts.js';
export type { OpenedFeed } from './event-feed.contract.js';
export { eventFeedContract } from './event-feed.contract.js';
export type { OpenedLog } from './event-log.contract.js';
export { eventLogContract } from './event-log.contract.js';
export { RecordingListener } from './recording-listener.js';
