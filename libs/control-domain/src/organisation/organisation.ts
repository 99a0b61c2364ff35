import type { DomainFact, OrganisationSettings } from '@sallyport/domain-events';

/** The tenant, as the events make it. */
export type Organisation =
  | { readonly status: 'absent' }
  | { readonly status: 'present'; readonly slug: string; readonly settings: OrganisationSettings; readonly wrappedKey: string };

/** None yet. */
export const noOrganisation: Organisation = { status: 'absent' };

/** What an event of the organisation's stream makes of it. */
export function evolveOrganisation(organisation: Organisation, fact: DomainFact): Organisation {
  switch (fact.type) {
    case 'organisation.created':
      return { status: 'present', slug: fact.data.slug, settings: fact.data.settings, wrappedKey: fact.data.wrappedKey };
    case 'organisation.settings_changed':
      return organisation.status === 'absent' ? organisation : { ...organisation, settings: fact.data.settings };
    default:
      return organisation;
  }
}
