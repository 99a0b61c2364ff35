import type { Slice } from './platform/persistence/slice.js';
import { auditSlice } from './slices/audit/audit.slice.js';
import { auditSourcesSlice } from './slices/audit/sources/audit-sources.slice.js';
import { decisionsSlice } from './slices/decisions/decisions.slice.js';
import { eventsSlice } from './slices/events/events.slice.js';
import { grantsSlice } from './slices/grants/grants.slice.js';
import { identitiesSlice } from './slices/identities/identities.slice.js';
import { membersSlice } from './slices/members/members.slice.js';
import { organisationsSlice } from './slices/organisations/organisations.slice.js';
import { pastSlice } from './slices/past/past.slice.js';
import { policiesSlice } from './slices/policies/policies.slice.js';
import { revealsSlice } from './slices/reveals/reveals.slice.js';
import { serversSlice } from './slices/servers/servers.slice.js';
import { sinksSlice } from './slices/sinks/sinks.slice.js';
import { tokensSlice } from './slices/tokens/tokens.slice.js';

/** Everything the control plane offers, a line a slice. */
export const appSlices: readonly Slice[] = [
  organisationsSlice,
  membersSlice,
  tokensSlice,
  eventsSlice,
  auditSlice,
  auditSourcesSlice,
  decisionsSlice,
  pastSlice,
  identitiesSlice,
  serversSlice,
  policiesSlice,
  grantsSlice,
  sinksSlice,
  revealsSlice,
];
