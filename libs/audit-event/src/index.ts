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
export type { StoredEvent } from './stored-event.js';
