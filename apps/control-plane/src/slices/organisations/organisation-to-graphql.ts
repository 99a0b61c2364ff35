import type { OrganisationRow } from './read/organisation-row.entity.js';

/** An organisation's row as GraphQL's `Organisation`. */
export function organisationToGraphql(row: OrganisationRow) {
  const { organisationId, slug, name, auditDurability, freshnessMode, failStaticMaxAgeSeconds, createdAt, revision } = row;
  return { id: organisationId, slug, name, auditDurability, freshnessMode, failStaticMaxAge: failStaticMaxAgeSeconds * 1000, createdAt, revision };
}
