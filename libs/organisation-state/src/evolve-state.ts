import type { DomainEvent } from '@sallyport/domain-events';
import { ok, type OrganisationId, type Result } from '@sallyport/kernel';

import type { FoldRefusal } from './fold-refusal.js';
import { OrganisationFold } from './organisation-fold.js';
import type { OrganisationState } from './organisation-state.js';

/** The state of an organisation of which nothing has happened yet. */
export function emptyState(organisationId: OrganisationId): OrganisationState {
  return new OrganisationFold(organisationId);
}

/**
 * The state after the organisation's next event, or why it cannot be folded. The state given stays as it was, which costs a copy
 * of its maps: to fold many events, use an `OrganisationFold`.
 */
export function evolveState(state: OrganisationState, event: DomainEvent): Result<OrganisationState, FoldRefusal> {
  const fold = OrganisationFold.from(state);
  const folded = fold.apply(event);
  return folded.ok ? ok(fold) : folded;
}
