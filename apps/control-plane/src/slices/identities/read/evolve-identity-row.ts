import type { DomainEvent } from '@sallyport/domain-events';

import type { IdentityRow } from './identity-row.entity.js';
import { sortedLabels } from './sorted-labels.js';

/** The row after one more event of the identity; `undefined` before it was created. The table and the past are both made by it. */
export function evolveIdentityRow(row: IdentityRow | undefined, event: DomainEvent): IdentityRow | undefined {
  const { fact, organisationId, revision } = event;
  if (fact.type === 'identity.created') {
    return { organisationId, ...fact.data, labels: sortedLabels(fact.data.labels), status: 'active', createdAt: new Date(event.occurredAt), revision };
  }
  if (row === undefined) return undefined;
  switch (fact.type) {
    case 'identity.relabelled':
      return { ...row, labels: sortedLabels(fact.data.labels), revision };
    case 'identity.regrouped':
      return { ...row, groups: fact.data.groups, revision };
    case 'identity.disabled':
      return { ...row, status: 'disabled', revision };
    case 'identity.enabled':
      return { ...row, status: 'active', revision };
    default:
      return row;
  }
}
