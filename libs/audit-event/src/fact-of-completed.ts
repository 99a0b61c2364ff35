import type { AuditDecision, AuditFact, AuditGateway, AuditRedaction, AuditResponse, AuditTiming } from './audit-event.js';
import type { CompletedCall } from './call-record.js';
import { callSeverity } from './call-severity.js';
import { completedEventId } from './completed-event-id.js';
import { type CallContext, someOf } from './fact-of-decided.js';
import { known } from './known.js';
import { microTime } from './micro-time.js';

/** What the call's `call.decided` said: that fact or event itself. */
export type DecidedSaid = Pick<AuditFact, 'actor' | 'client' | 'source' | 'gateway' | 'server' | 'mcp' | 'decision'>;

/** What a completed record does not say. `decided` is null only where the decision is kept no more. */
export interface CompletedContext extends Pick<CallContext, 'instanceId' | 'region'> {
  readonly decided: DecidedSaid | null;
}

/**
 * The `call.completed` of a record, or `call.abandoned` where nobody knows how the call ended. Carries who called what, so that it can be
 * read on its own; the arguments, the charges and the shadow stay with `call.decided`, which `decision.decision_id` names. Pure: the same
 * record gives the same `event_id`, see `completedEventId`.
 */
export function factOfCompleted(record: CompletedCall, context: CompletedContext): AuditFact {
  const abandoned = record.outcome === 'abandoned';
  return known({
    event_id: completedEventId(record.decisionId, abandoned),
    organisation_id: record.organisationId,
    time: microTime(record.at),
    type: abandoned ? ('call.abandoned' as const) : ('call.completed' as const),
    outcome: record.outcome,
    severity: callSeverity(record.outcome, record.reasonCode),
    actor: context.decided?.actor,
    client: context.decided?.client,
    source: context.decided?.source,
    gateway: gatewayOf(context),
    server: context.decided?.server,
    mcp: context.decided?.mcp,
    decision: decisionOf(record, context.decided?.decision),
    response: responseOf(record),
    timing: timingOf(record),
  });
}

/** Of a call that its own worker ended, what the decision named; another start of a worker says of itself only which it is. */
function gatewayOf({ decided, instanceId, region }: CompletedContext): AuditGateway {
  const version = decided?.gateway?.instance_id === instanceId ? decided.gateway.version : null;
  return known({ instance_id: instanceId, version, region });
}

function decisionOf(record: CompletedCall, said: AuditDecision | undefined): AuditDecision {
  const answerRule = record.answerRuleId === null ? undefined : [record.answerRuleId];
  return known({
    decision_id: record.decisionId,
    effect: said?.effect,
    reason_code: record.reasonCode,
    mode: said?.mode,
    policy_id: said?.policy_id,
    policy_version: said?.policy_version,
    policy_hash: said?.policy_hash,
    policy_age_ms: said?.policy_age_ms,
    revision: said?.revision,
    grant_id: said?.grant_id,
    rule_ids: answerRule ?? said?.rule_ids,
    limits_released: record.chargesReleased ? (true as const) : null,
    flow_before: said?.flow_before,
    flow_after: record.outcome === 'abandoned' ? null : someOf([...new Set([...(said?.flow_before ?? []), ...record.marksLeft])]),
    audit_mode: said?.audit_mode,
  });
}

function responseOf(record: CompletedCall): AuditResponse {
  return known({
    status: record.status,
    rpc_code: record.rpcCode,
    http_status: record.httpStatus,
    result_bytes: record.resultBytes,
    redactions: someOf(record.removed.map(redactionOf)),
    redactions_count: record.removedCount === 0 ? null : record.removedCount,
  });
}

function redactionOf(removed: CompletedCall['removed'][number]): AuditRedaction {
  return { path: removed.pointer, rule: removed.ruleId, action: removed.action };
}

function timingOf(record: CompletedCall): AuditTiming {
  return { gateway_us: Math.max(record.durationUs - record.upstreamUs, 0), upstream_us: record.upstreamUs };
}
