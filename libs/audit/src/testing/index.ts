export { aCompleted, aDecided, aNoted, aNotedCaller, aRefusal, uuidOf } from './a-record.js';
export type { JournalHarness } from './journal.contract.js';
export { journalContract } from './journal.contract.js';
export { MemoryAuditBus } from './memory-audit-bus.js';
export type { MemoryJournalOptions } from './memory-journal.js';
export { MemoryJournal } from './memory-journal.js';
