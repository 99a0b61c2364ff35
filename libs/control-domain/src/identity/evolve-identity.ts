import type { DomainFact } from '@sallyport/domain-events';

import type { Identity } from './identity.js';

/** An identity nobody created. */
export const noIdentity: Identity = { status: 'absent' };

/** The identity after one more fact of its stream; facts of other kinds leave it as it is. */
export function evolveIdentity(identity: Identity, fact: DomainFact): Identity {
  if (fact.type === 'identity.created') return { status: 'active', ...fact.data };
  if (identity.status === 'absent') return identity;
  switch (fact.type) {
    case 'identity.relabelled':
      return { ...identity, labels: fact.data.labels };
    case 'identity.regrouped':
      return { ...identity, groups: fact.data.groups };
    case 'identity.disabled':
      return { ...identity, status: 'disabled' };
    case 'identity.enabled':
      return { ...identity, status: 'active' };
    default:
      return identity;
  }
}
