import { ADMIN_OBJECTS, AUDIT_EVENT_TYPES, type AuditOutcome } from '@sallyport/audit-event';
import type { SinkFilter } from '@sallyport/domain-events';

import { MAX_FILTER_TYPES, type SinkRefusal } from './sink.js';

const OUTCOMES: readonly AuditOutcome[] = ['allowed', 'denied', 'limited', 'approval_required', 'abandoned', 'error', 'success', 'failure'];
const OBJECTS: readonly string[] = ADMIN_OBJECTS;
const VERB = /^(?:\*|[a-z_]{1,40})$/;

/** Finds what is wrong with a filter. A pattern that no event can ever match is wrong: it would keep silent where somebody waits for events. */
export function filterProblem({ types, outcomes }: SinkFilter): SinkRefusal | undefined {
  if (types.length > MAX_FILTER_TYPES) return { code: 'sink.filter_too_long', pointer: '/filter/types' };
  const type = types.findIndex((pattern) => !isOfAdministration(pattern) && !isOfKnownTypes(pattern));
  if (type >= 0) return { code: 'sink.filter_type_invalid', pointer: `/filter/types/${type}` };
  const outcome = outcomes.findIndex((word) => !OUTCOMES.some((known) => known === word));
  return outcome < 0 ? undefined : { code: 'sink.filter_outcome_invalid', pointer: `/filter/outcomes/${outcome}` };
}

/** `admin.*`, `admin.grant.*`, `admin.grant.issued`. */
function isOfAdministration(pattern: string): boolean {
  const [area, object = '', verb, ...rest] = pattern.split('.');
  if (area !== 'admin' || rest.length > 0) return false;
  return verb === undefined ? object === '*' : OBJECTS.includes(object) && VERB.test(verb);
}

/** `call.decided`, `call.*`. */
function isOfKnownTypes(pattern: string): boolean {
  if (!pattern.endsWith('.*')) return AUDIT_EVENT_TYPES.some((type) => type === pattern);
  return AUDIT_EVENT_TYPES.some((type) => type.startsWith(pattern.slice(0, -1)));
}
