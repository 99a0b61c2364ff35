export type * from './access-events.js';
export { IDENTITY_KINDS } from './access-events.js';
export type { DomainEvent, DomainFact } from './all-events.js';
export type { Actor, Fact, ObjectKind, ObjectRef, RecordedEvent } from './envelope.js';
export { OBJECT_KINDS } from './envelope.js';
export type * from './organisation-events.js';
export { ROLES } from './organisation-events.js';
export type * from './server-events.js';
