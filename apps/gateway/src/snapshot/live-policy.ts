import type { PolicyId } from '@sallyport/kernel';
import type { PolicyState } from '@sallyport/organisation-state';
import { compilePolicy, parsePolicy, type CompiledPolicy } from '@sallyport/policy-engine';

/** A policy's enforced version, compiled once when it was applied and shared by every grant under it. */
export interface LivePolicy {
  readonly policyId: PolicyId;
  readonly name: string;
  readonly version: number;
  readonly compiled: CompiledPolicy;
}

/**
 * Compiles an enforced version.
 *
 * @param policy Of a folded state, so its document was parsed before.
 */
export function livePolicy({ policyId, name, version, document }: PolicyState): LivePolicy {
  const parsed = parsePolicy(document);
  if (!parsed.ok) throw new TypeError(`version ${version} of policy ${name} was folded, but cannot be parsed`);
  return { policyId, name, version, compiled: compilePolicy(parsed.value) };
}
