export type { AdminObject, AuditEventType, Severity } from './audit-event-types.js';
export { ADMIN_OBJECTS, AUDIT_EVENT_TYPES, SEVERITIES } from './audit-event-types.js';
export type {
  AuditActor,
  AuditAdmin,
  AuditCheckpoint,
  AuditClient,
  AuditCounted,
  AuditDecision,
  AuditEvent,
  AuditExport,
  AuditFact,
  AuditGateway,
  AuditIntegrity,
  AuditKeyAnnouncement,
  AuditList,
  AuditMcp,
  AuditOutcome,
  AuditRedaction,
  AuditRequest,
  AuditResponse,
  AuditServer,
  AuditSource,
  AuditTiming,
  AuditTrace,
} from './audit-event.js';
export { AUDIT_SCHEMA, DEPLOYMENT_STREAM } from './audit-event.js';
export type { AskedApproval, ChargedLimit, CompletedCall, DecidedCall, ShadowedCall } from './call-record.js';
export { cutText, keepableText } from './canonical-text.js';
export type { AuditEventProblem } from './check-fields.js';
export { completedEventId } from './completed-event-id.js';
export type { CompletedContext, DecidedSaid } from './fact-of-completed.js';
export { factOfCompleted } from './fact-of-completed.js';
export type { CallContext, KnownIdentity } from './fact-of-decided.js';
export { factOfDecided } from './fact-of-decided.js';
export type { Field, FieldType } from './field-catalogue.js';
export { FIELD_CATALOGUE } from './field-catalogue.js';
export { genesisHash } from './genesis-hash.js';
export { microTime } from './micro-time.js';
export { parseAuditEvent } from './parse-audit-event.js';
export type { EventPlace } from './seal-event.js';
export { MAX_LINE_BYTES, sealEvent } from './seal-event.js';
export type { Sha256 } from './sha256.js';
export { hexOf } from './sha256.js';
export type { StoredEvent } from './stored-event.js';
