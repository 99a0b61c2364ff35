import type { AuditEvent } from '@sallyport/audit-event';

import type { Draft } from '../compact.js';

/** The profile `security_control`: what was done about it, and by which policy and rule. */
export function securityControl(event: AuditEvent): Draft {
  const { decision } = event;
  const [actionId, action] = actionOf(event);
  const [dispositionId, disposition] = dispositionOf(event);
  const policy = decision?.policy_id === undefined ? undefined : policyOf(decision);
  return {
    action_id: actionId,
    action,
    disposition_id: dispositionId,
    disposition,
    is_alert: event.severity >= ALERT_SEVERITY || dispositionId === DETECTED[0],
    policy,
    firewall_rule: decision?.rule_ids?.[0] === undefined ? undefined : { uid: decision.rule_ids[0], name: decision.rule_ids[0] },
    authorizations: decision?.effect === undefined ? undefined : [{ decision: decision.effect, policy }],
  };
}

function policyOf(decision: NonNullable<AuditEvent['decision']>): Draft {
  return { uid: decision.policy_id, version: decision.policy_version === undefined ? undefined : String(decision.policy_version), is_applied: decision.mode !== 'shadow' };
}

type Word = readonly [id: number, caption: string];

function actionOf({ type, decision, outcome, response }: AuditEvent): Word {
  if (outcome === 'denied' || outcome === 'limited' || outcome === 'approval_required') return [2, 'Denied'];
  if (response?.redactions !== undefined) return [4, 'Modified'];
  if (outcome === 'allowed' || type === 'approval.granted' || decision?.effect === 'allow') return [1, 'Allowed'];
  return decision?.effect === 'deny' || type === 'approval.denied' ? [2, 'Denied'] : [3, 'Observed'];
}

function dispositionOf({ type, outcome, decision, response }: AuditEvent): Word {
  if (type === 'flow.tainted' || type === 'limit.tripped') return DETECTED;
  if (type === 'approval.granted') return [8, 'Approved'];
  if (type === 'approval.denied' || type === 'approval.expired') return [25, 'Rejected'];
  if (type === 'approval.requested' || outcome === 'approval_required') return [14, 'Delayed'];
  if (outcome === 'denied' || outcome === 'limited') return [2, 'Blocked'];
  if (outcome === 'error' || outcome === 'abandoned' || outcome === 'failure') return [27, 'Error'];
  if (response?.redactions !== undefined) return [11, 'Corrected'];
  return outcome === undefined && decision?.effect !== 'allow' ? [0, 'Unknown'] : [1, 'Allowed'];
}

const ALERT_SEVERITY = 4;
const DETECTED: Word = [15, 'Detected'];
