export { LONG_AGO, aDraft, anAppend, newIdentity, newOrganisationId } from './drafts.js';
export type { OpenedLog } from './event-log.contract.js';
export { eventLogContract } from './event-log.contract.js';
export { ManualScheduler } from './manual-scheduler.js';
