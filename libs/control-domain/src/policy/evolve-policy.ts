import type { DomainFact, PolicyVersionPublished } from '@sallyport/domain-events';

import type { Policy } from './policy.js';

/** A policy nobody published. */
export const noPolicy: Policy = { status: 'absent' };

/** The policy after one more fact of its stream; facts of other kinds leave it as it is. */
export function evolvePolicy(policy: Policy, fact: DomainFact): Policy {
  if (fact.type === 'policy.version_published') return published(policy, fact);
  if (policy.status === 'absent') return policy;
  switch (fact.type) {
    case 'policy.shadow_started':
      return { ...policy, shadow: fact.data.version };
    case 'policy.shadow_stopped':
      return { ...policy, shadow: null };
    case 'policy.tests_set':
      return { ...policy, tests: fact.data.tests === '' ? null : { text: fact.data.tests, required: fact.data.required } };
    default:
      return policy;
  }
}

function published(policy: Policy, { data }: PolicyVersionPublished): Policy {
  const { policyId, name, version, document, documentHash } = data;
  const before = policy.status === 'absent' ? { versions: [], shadow: null, tests: null } : policy;
  const mode = modeOf(document);
  return { ...before, status: 'published', policyId, name, versions: [...before.versions, { version, document, documentHash, mode }], shadow: mode === 'shadow' ? version : before.shadow };
}

/** The mode a published document asks for. It was checked when it was published, so its form is known. */
export function modeOf(document: string): 'enforce' | 'shadow' {
  const parsed: unknown = JSON.parse(document);
  const isShadow = typeof parsed === 'object' && parsed !== null && 'mode' in parsed && parsed.mode === 'shadow';
  return isShadow ? 'shadow' : 'enforce';
}
