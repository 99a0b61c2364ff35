export type {
  Charge,
  CompletedRecord,
  DecidedRecord,
  DecisionRecord,
  Outcome,
  ReasonCode,
  ResponseStatus,
  SequencedRecord,
} from './decision-record.js';
export { OUTCOMES, REASON_CODES, RESPONSE_STATUSES } from './decision-record.js';
export type { AuditBus, Journal, JournalDurability } from './journal.js';
export { journalFault } from './journal-faults.js';
