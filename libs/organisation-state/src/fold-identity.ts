import type { IdentityCreated, IdentityDisabled, IdentityEnabled, IdentityRegrouped, IdentityRelabelled } from '@sallyport/domain-events';

import type { IdentityState } from './organisation-state.js';

/** A fact about an identity. */
export type IdentityFact = IdentityCreated | IdentityRelabelled | IdentityRegrouped | IdentityDisabled | IdentityEnabled;

/** An identity after one more of its facts; `undefined` for a fact about one that was never created. */
export function foldIdentity(identity: IdentityState | undefined, fact: IdentityFact): IdentityState | undefined {
  if (fact.type === 'identity.created') {
    const { identityId, name, kind, labels, groups } = fact.data;
    return { identityId, name, kind, labels, groups, disabled: false };
  }
  if (identity === undefined) return undefined;
  if (fact.type === 'identity.relabelled') return { ...identity, labels: fact.data.labels };
  if (fact.type === 'identity.regrouped') return { ...identity, groups: fact.data.groups };
  return { ...identity, disabled: fact.type === 'identity.disabled' };
}
