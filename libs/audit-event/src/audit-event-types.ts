/** What an audit event can be about, a closed set: adding a type is a change of the interface. `admin.<object>.<verb>` stands beside it. */
export const AUDIT_EVENT_TYPES = [
  'call.decided',
  'call.completed',
  'call.abandoned',
  'list.served',
  'approval.requested',
  'approval.granted',
  'approval.denied',
  'approval.expired',
  'definition.drift',
  'definition.approved',
  'definition.quarantined',
  'flow.tainted',
  'limit.tripped',
  'auth.success',
  'auth.failure',
  'export.paused',
  'export.resumed',
  'export.dead_letter',
  'export.gap',
  'export.replay',
  'audit.checkpoint',
  'audit.degraded',
  'audit.redaction_revealed',
  'audit.key_announced',
  'worker.start',
  'worker.stop',
  'worker.stale',
] as const;

/** What administration is done to. */
export const ADMIN_OBJECTS = ['organisation', 'member', 'identity', 'grant', 'policy', 'server', 'sink', 'token', 'key', 'reveal'] as const;
export type AdminObject = (typeof ADMIN_OBJECTS)[number];

/** The type of an audit event. The verb of administration is lower-case letters and `_`, such as `issued` or `settings_changed`. */
export type AuditEventType = (typeof AUDIT_EVENT_TYPES)[number] | `admin.${AdminObject}.${string}`;

/** How serious, as OCSF counts: 1 informational, 2 low, 3 medium, 4 high, 5 critical. */
export const SEVERITIES = [1, 2, 3, 4, 5] as const;
export type Severity = (typeof SEVERITIES)[number];
