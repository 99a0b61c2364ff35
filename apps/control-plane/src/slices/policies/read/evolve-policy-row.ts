import { modeOf } from '@sallyport/control-domain';
import type { DomainEvent, PolicyVersionPublished } from '@sallyport/domain-events';

import type { PolicyRow } from './policy-row.entity.js';
import type { PolicyVersionRow } from './policy-version-row.entity.js';

/** The policy's row after one more event; events of other objects leave it as it is. */
export function evolvePolicyRow(row: PolicyRow | undefined, event: DomainEvent): PolicyRow | undefined {
  const { fact, revision } = event;
  if (fact.type === 'policy.version_published') return published(row, event, fact.data);
  if (row === undefined) return undefined;
  switch (fact.type) {
    case 'policy.shadow_started':
      return { ...row, shadowVersion: fact.data.version, revision };
    case 'policy.shadow_stopped':
      return { ...row, shadowVersion: null, revision };
    case 'policy.tests_set':
      return { ...row, tests: fact.data.tests === '' ? null : fact.data.tests, testsRequired: fact.data.required, revision };
    default:
      return row;
  }
}

function published(row: PolicyRow | undefined, { organisationId, occurredAt, revision }: DomainEvent, { policyId, name, version, document }: PolicyVersionPublished['data']): PolicyRow {
  const before = row ?? { liveVersion: null, shadowVersion: null, tests: null, testsRequired: false, createdAt: new Date(occurredAt) };
  const moved = modeOf(document) === 'enforce' ? { liveVersion: version } : { shadowVersion: version };
  return { ...before, ...moved, organisationId, policyId, name, latestVersion: version, revision };
}

/** The row of the version that an event published; `undefined` for another event. */
export function policyVersionRow(event: DomainEvent): PolicyVersionRow | undefined {
  const { fact, organisationId, revision } = event;
  if (fact.type !== 'policy.version_published') return undefined;
  const { policyId, version, document, documentHash, note } = fact.data;
  const restoresVersion = fact.data.restoresVersion === 0 ? null : fact.data.restoresVersion;
  return { organisationId, policyId, version, document, documentHash, note, mode: modeOf(document), restoresVersion, publishedAt: new Date(event.occurredAt), revision };
}
