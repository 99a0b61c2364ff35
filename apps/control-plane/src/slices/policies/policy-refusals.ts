import type { PolicyRefusalCode } from '@sallyport/control-domain';
import type { PolicyFinding } from '@sallyport/policy-engine';

import type { Refusal } from '../../platform/commands/refusal.js';
import type { RefusalSentences } from '../../platform/commands/refusal-at.js';

/** What a person reads when a policy is not published. */
export const policyRefusals: RefusalSentences<PolicyRefusalCode> = {
  'policy.unknown': 'There is no such policy.',
  'policy.name_invalid': 'A policy\'s name has 1 to 100 characters of A-Z, a-z, 0-9, ".", "_" and "-", and begins with a letter or digit.',
  'policy.note_invalid': 'A note has at most 1,000 characters, and no control characters but line breaks and tabs.',
  'policy.version_unknown': 'The policy has no such version.',
};

/** A document that cannot be published, as GraphQL's `PolicyRejected`: its first error stands for all. */
export interface PolicyRejected {
  readonly __typename: 'PolicyRejected';
  readonly code: 'policy_invalid';
  readonly message: string;
  readonly pointer: string;
  readonly findings: readonly PolicyFinding[];
}

/** A document's errors as a rejection. */
export function policyRejected(findings: readonly PolicyFinding[]): PolicyRejected {
  const [first] = findings;
  return { __typename: 'PolicyRejected', code: 'policy_invalid', message: first?.message ?? 'The document has errors.', pointer: first?.pointer ?? '', findings };
}

/** A refusal as a member of a query's union. */
export function refusalMember(refusal: Refusal) {
  return { __typename: 'Refusal', ...refusal } as const;
}
