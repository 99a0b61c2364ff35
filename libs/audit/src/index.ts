export type {
  ApprovalAsked,
  Charge,
  CompletedRecord,
  DecidedRecord,
  DecisionRecord,
  Disagreement,
  JournalRecord,
  Outcome,
  ReasonCode,
  Removal,
  RemovedPart,
  ResponseStatus,
  SequencedRecord,
  ShadowDisagreement,
} from './decision-record.js';
export { DISAGREEMENTS, OUTCOMES, REASON_CODES, REMOVALS, RESPONSE_STATUSES } from './decision-record.js';
export type {
  AuditDegraded,
  Degradation,
  FlowTainted,
  FreshnessChanged,
  LimitTripped,
  ListServed,
  Note,
  NotedCaller,
  NotedRecord,
  SignInRefusal,
  SignInsRefused,
  SignedIn,
  WorkerStarted,
  WorkerStopped,
} from './noted-record.js';
export { DEGRADATIONS, SIGN_IN_REFUSALS } from './noted-record.js';
export { EVENT_OF_NOTE, factOfNoted } from './fact-of-noted.js';
export type { AuditBus, Journal, JournalCondition, JournalDurability } from './journal.js';
export { journalFault } from './journal-faults.js';
