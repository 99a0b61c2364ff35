import { CreateEvents1763700000002 } from './create-events.js';
import { CreateOutbox1763700000003 } from './create-outbox.js';
import { CreateRoles1763700000001 } from './create-roles.js';

/** The log's migrations in order, for a `DataSource`'s `migrations`. The control plane's own follow them. */
export const eventLogMigrations = [CreateRoles1763700000001, CreateEvents1763700000002, CreateOutbox1763700000003];
