import type { Slice } from '../../platform/persistence/slice.js';
import { EnforcementStream } from './enforcement-stream.js';
import { EventsResolver } from './events.resolver.js';
import { EventQueries } from './read/event-queries.js';
import { NamedObjects } from './read/named-objects.js';

/** The history, and how far it came among the workers. It reads the log itself and keeps nothing. */
export const eventsSlice: Slice = { providers: [EventsResolver, EventQueries, NamedObjects, EnforcementStream], projectors: [], migrations: [], entities: [] };
