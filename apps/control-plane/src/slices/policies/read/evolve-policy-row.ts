import { modeOf } from '@sallyport/control-domain';
import type { DomainEvent } from '@sallyport/domain-events';

import type { PolicyRow } from './policy-row.entity.js';
import type { PolicyVersionRow } from './policy-version-row.entity.js';

/** The policy's row after one more event; events that are no publication leave it as it is. */
export function evolvePolicyRow(row: PolicyRow | undefined, event: DomainEvent): PolicyRow | undefined {
  const { fact, organisationId, revision } = event;
  if (fact.type !== 'policy.version_published') return row;
  const { policyId, name, version, document } = fact.data;
  const liveVersion = modeOf(document) === 'enforce' ? version : (row?.liveVersion ?? null);
  return { organisationId, policyId, name, latestVersion: version, liveVersion, createdAt: row?.createdAt ?? new Date(event.occurredAt), revision };
}

/** The row of the version that an event published; `undefined` for another event. */
export function policyVersionRow(event: DomainEvent): PolicyVersionRow | undefined {
  const { fact, organisationId, revision } = event;
  if (fact.type !== 'policy.version_published') return undefined;
  const { policyId, version, document, documentHash, note } = fact.data;
  const restoresVersion = fact.data.restoresVersion === 0 ? null : fact.data.restoresVersion;
  return { organisationId, policyId, version, document, documentHash, note, mode: modeOf(document), restoresVersion, publishedAt: new Date(event.occurredAt), revision };
}
