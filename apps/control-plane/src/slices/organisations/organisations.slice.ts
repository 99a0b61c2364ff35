import type { Slice } from '../../platform/persistence/slice.js';
import { CreateOrganisation } from './commands/create-organisation.js';
import { UpdateOrganisation } from './commands/update-organisation.js';
import { OrganisationsResolver } from './organisations.resolver.js';
import { CreateOrganisations1763700000020 } from './read/create-organisations.migration.js';
import { OrganisationQueries } from './read/organisation-queries.js';
import { OrganisationRow } from './read/organisation-row.entity.js';
import { organisationProjector } from './read/organisation.projector.js';

/** Organisations: made by an operator, their settings changed by an admin. */
export const organisationsSlice: Slice = {
  providers: [OrganisationsResolver, OrganisationQueries, CreateOrganisation, UpdateOrganisation],
  projectors: [organisationProjector],
  migrations: [CreateOrganisations1763700000020],
  entities: [OrganisationRow],
};
