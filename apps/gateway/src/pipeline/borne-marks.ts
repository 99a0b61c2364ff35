import type { MarkStore } from '@sallyport/counter-store';
import type { EpochMs, IdentityId, OrganisationId } from '@sallyport/kernel';
import { marksAskedFor } from '@sallyport/policy-engine';

import type { GrantBinding } from '../snapshot/grant-binding.js';

/** Of a call that no flow asks about. */
export const NO_MARKS: readonly string[] = [];

/** Whose marks: an identity's, in whatever session. */
export function bearerOf({ organisationId, identityId }: { readonly organisationId: OrganisationId; readonly identityId: IdentityId }): string {
  return `${organisationId}/${identityId}`;
}

/**
 * Which marks the caller bears of those that a decision about the tool depends on; nobody is asked where it depends on none.
 *
 * @throws {Fault} of the store: the call cannot be decided then.
 */
export function borneMarks(store: MarkStore, binding: GrantBinding, call: { readonly tool: string; readonly at: EpochMs }): readonly string[] | Promise<readonly string[]> {
  if (binding.policy === null) return NO_MARKS;
  const asked = marksAskedFor(binding.policy.compiled, call.tool, binding.toolLabels.of(call.tool));
  if (asked.length === 0) return NO_MARKS;
  return store.borne(bearerOf({ organisationId: binding.organisation.organisationId, identityId: binding.identity.identityId }), asked, call.at);
}
