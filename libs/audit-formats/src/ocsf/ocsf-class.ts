import type { AuditEvent } from '@sallyport/audit-event';

/** The class of OCSF that an event is told as, and the activity in it. */
export interface OcsfKind {
  readonly classUid: 0 | 3002 | 3004 | 6002 | 6003;
  readonly activityId: number;
  readonly activityName: string;
}

/** Names of the classes and of their categories. */
export const OCSF_CLASSES = {
  0: { name: 'Base Event', category: 'Uncategorized' },
  3002: { name: 'Authentication', category: 'Identity & Access Management' },
  3004: { name: 'Entity Management', category: 'Identity & Access Management' },
  6002: { name: 'Application Lifecycle', category: 'Application Activity' },
  6003: { name: 'API Activity', category: 'Application Activity' },
} as const satisfies Readonly<Record<OcsfKind['classUid'], { readonly name: string; readonly category: string }>>;

/**
 * Calls, lists, approvals, flows and limits are API Activity; what is administered, definitions and exports Entity Management; sign-ins
 * Authentication; workers Application Lifecycle; the audit's own events, which fit no class, Base Event. Never throws: a type that is not known
 * is a Base Event.
 */
export function ocsfKind(event: AuditEvent): OcsfKind {
  const [area = '', second = '', verb = ''] = event.type.split('.');
  switch (area) {
    case 'call':
    case 'list':
    case 'approval':
    case 'flow':
    case 'limit':
      return { classUid: 6003, ...callActivity(event) };
    case 'admin':
      return { classUid: 3004, ...(VERBS.get(verb) ?? UPDATE) };
    case 'definition':
    case 'export':
      return { classUid: 3004, ...UPDATE };
    case 'auth':
      return { classUid: 3002, activityId: 1, activityName: 'Logon' };
    case 'worker':
      return { classUid: 6002, ...(LIFE.get(second) ?? { activityId: 99, activityName: second }) };
    default:
      return auditKind(event);
  }
}

function auditKind({ type }: AuditEvent): OcsfKind {
  if (type === 'audit.key_announced') return { classUid: 3004, ...CREATE };
  if (type === 'audit.redaction_revealed') return { classUid: 3004, ...READ };
  return { classUid: 0, activityId: 99, activityName: type };
}

interface Activity {
  readonly activityId: number;
  readonly activityName: string;
}

/** From the reviewed class of the tool, since its name promises nothing; of methods that only read, from the method. */
function callActivity({ type, mcp }: AuditEvent): Activity {
  const known = EFFECTS.get(mcp?.effect ?? '');
  if (known !== undefined) return known;
  if (type === 'list.served' || READING.test(mcp?.method ?? '')) return READ;
  return { activityId: 0, activityName: 'Unknown' };
}

const CREATE: Activity = { activityId: 1, activityName: 'Create' };
const READ: Activity = { activityId: 2, activityName: 'Read' };
const UPDATE: Activity = { activityId: 3, activityName: 'Update' };
const DELETE: Activity = { activityId: 4, activityName: 'Delete' };
const EFFECTS: ReadonlyMap<string, Activity> = new Map([
  ['Read', READ],
  ['Write', UPDATE],
  ['Destructive', DELETE],
  ['Execute', { activityId: 99, activityName: 'Execute' }],
  ['Financial', { activityId: 99, activityName: 'Financial' }],
]);
const VERBS: ReadonlyMap<string, Activity> = new Map([
  ...['created', 'added', 'issued', 'registered'].map((verb) => [verb, CREATE] as const),
  ...['removed', 'revoked', 'deleted'].map((verb) => [verb, DELETE] as const),
]);
const LIFE: ReadonlyMap<string, Activity> = new Map([
  ['start', { activityId: 3, activityName: 'Start' }],
  ['stop', { activityId: 4, activityName: 'Stop' }],
]);
const READING = /\/(list|read|get)$/;
