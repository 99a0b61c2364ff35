import type { PolicyVersionPublished } from '@sallyport/domain-events';
import { ok, refuse, type PolicyId, type Result } from '@sallyport/kernel';
import { compilePolicy, parsePolicy, type CompiledPolicy } from '@sallyport/policy-engine';

/** A policy's enforced version, compiled once when its event was applied and shared by every grant under it. */
export interface LivePolicy {
  readonly policyId: PolicyId;
  readonly name: string;
  readonly version: number;
  readonly compiled: CompiledPolicy;
}

/**
 * Compiles a published version. `null` for a version in shadow mode, which never becomes the live one; refused, with an
 * operator's sentence, when the document cannot be read by this worker.
 */
export function livePolicy(published: PolicyVersionPublished['data']): Result<LivePolicy | null, string> {
  const { policyId, name, version, document } = published;
  const parsed = parsePolicy(document);
  if (!parsed.ok) return refuse(`version ${version} of policy ${name} cannot be read by this worker`);
  const compiled = compilePolicy(parsed.value);
  return ok(compiled.mode === 'shadow' ? null : { policyId, name, version, compiled });
}
