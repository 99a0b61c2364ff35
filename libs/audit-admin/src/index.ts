export type { AdminContext, AdminActor } from './admin-fact.js';
export { adminFact } from './admin-fact.js';
export type { AdminEventRow } from './admin-events.js';
export { ADMIN_EVENTS } from './admin-events.js';
export type { AuditedObject } from './audited-object.js';
export { evolveAudited } from './evolve-audited.js';
