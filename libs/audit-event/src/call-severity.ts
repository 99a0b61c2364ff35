import type { AuditOutcome } from './audit-event.js';
import type { Severity } from './audit-event-types.js';

/** How serious a refusal is, by its reason code. A refusal that a policy was written for is low; what says that a guard could not see, or that something was tampered with, is more. */
export const REASON_SEVERITY: Readonly<Record<string, Severity>> = {
  no_policy: 2,
  hidden: 2,
  default_deny: 2,
  quarantined: 3,
  policy_stale: 3,
  clock_skew: 3,
  rule_denied: 2,
  require_failed: 2,
  limit_exceeded: 2,
  limit_amount_invalid: 2,
  limit_store_unavailable: 3,
  limit_store_reset: 3,
  approval_required: 1,
  evaluation_error: 3,
  flow_denied: 4,
  audit_unavailable: 4,
  request_malformed: 2,
  server_unavailable: 2,
  too_many_calls: 2,
};

const OUTCOME_SEVERITY: Readonly<Record<AuditOutcome, Severity>> = {
  allowed: 1,
  success: 1,
  approval_required: 1,
  denied: 2,
  limited: 2,
  error: 2,
  failure: 2,
  abandoned: 3,
};

/** The severity of a call's event: its reason's where it has a known one, otherwise its outcome's. */
export function callSeverity(outcome: AuditOutcome, reasonCode: string | null): Severity {
  const ofReason = reasonCode === null || !Object.hasOwn(REASON_SEVERITY, reasonCode) ? undefined : REASON_SEVERITY[reasonCode];
  return ofReason ?? OUTCOME_SEVERITY[outcome];
}
