import type { DomainFact } from '@sallyport/domain-events';

import type { Policy } from './policy.js';

/** A policy nobody published. */
export const noPolicy: Policy = { status: 'absent' };

/** The policy after one more fact of its stream; facts of other kinds leave it as it is. */
export function evolvePolicy(policy: Policy, fact: DomainFact): Policy {
  if (fact.type !== 'policy.version_published') return policy;
  const { policyId, name, version, document, documentHash } = fact.data;
  const before = policy.status === 'absent' ? [] : policy.versions;
  return { status: 'published', policyId, name, versions: [...before, { version, document, documentHash, mode: modeOf(document) }] };
}

/** The mode a published document asks for. It was checked when it was published, so its form is known. */
export function modeOf(document: string): 'enforce' | 'shadow' {
  const parsed: unknown = JSON.parse(document);
  const isShadow = typeof parsed === 'object' && parsed !== null && 'mode' in parsed && parsed.mode === 'shadow';
  return isShadow ? 'shadow' : 'enforce';
}
