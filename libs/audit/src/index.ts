export type {
  ApprovalAsked,
  Charge,
  CompletedRecord,
  DecidedRecord,
  DecisionRecord,
  Disagreement,
  Outcome,
  ReasonCode,
  Removal,
  RemovedPart,
  ResponseStatus,
  SequencedRecord,
  ShadowDisagreement,
} from './decision-record.js';
export { DISAGREEMENTS, OUTCOMES, REASON_CODES, REMOVALS, RESPONSE_STATUSES } from './decision-record.js';
export type { AuditBus, Journal, JournalDurability } from './journal.js';
export { journalFault } from './journal-faults.js';
