import type { Slice } from '../../platform/persistence/slice.js';
import { PastReader } from './past-reader.js';
import { ReadPoints } from './read-point.js';

/** What identities, servers, policies and grants were at a point in an organisation's history. It keeps nothing. */
export const pastSlice: Slice = { providers: [PastReader, ReadPoints], projectors: [], migrations: [], entities: [] };
