import type { AccessEvent } from './access-events.js';
import type { RecordedEvent } from './envelope.js';
import type { OrganisationEvent } from './organisation-events.js';
import type { RevealEvent } from './reveal-events.js';
import type { ServerEvent } from './server-events.js';
import type { SinkEvent } from './sink-events.js';

/** Every fact Sallyport knows, in its current schema version. */
export type DomainFact = OrganisationEvent | ServerEvent | AccessEvent | SinkEvent | RevealEvent;

/** A recorded fact of any kind. */
export type DomainEvent = RecordedEvent<DomainFact>;
