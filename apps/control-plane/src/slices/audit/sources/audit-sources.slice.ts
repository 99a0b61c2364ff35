import type { Slice } from '../../../platform/persistence/slice.js';
import { AdminAuditor } from './admin-auditor.js';
import { Administration } from './administration.js';
import { SignInAuditor } from './sign-in-auditor.js';

/** What happens at the control plane itself: administration, followed from the event log, and sign-ins. It is stored by the audit slice. */
export const auditSourcesSlice: Slice = {
  providers: [Administration, AdminAuditor, SignInAuditor],
  projectors: [],
  migrations: [],
  entities: [],
};
