import type { AuditActor, AuditClient, AuditDecision, AuditFact, AuditMcp, AuditRequest, AuditServer } from './audit-event.js';
import type { AskedApproval, DecidedCall } from './call-record.js';
import { callSeverity } from './call-severity.js';
import { cutText } from './canonical-text.js';
import { known } from './known.js';
import { microTime } from './micro-time.js';

/** The calling identity, as the control plane knows it. */
export interface KnownIdentity {
  readonly name: string;
  readonly kind: 'agent' | 'human' | 'service';
  readonly ownerId?: string;
}

/** What a call's record does not say and the control plane knows. What is null or absent stays out of the event. */
export interface CallContext {
  readonly identity: KnownIdentity | null;
  /** The worker that decided. */
  readonly instanceId: string;
  readonly region?: string;
  readonly server?: { readonly name?: string; readonly version?: string; readonly host?: string };
  readonly tool?: { readonly effect?: string };
  readonly policyHash?: string;
}

/**
 * The `call.decided` of a record. Its `event_id` is the decision's id, which the caller was told; the outcome of an admission is left out, since
 * the call is still under way. Pure: the same record and context give the same fact.
 */
export function factOfDecided(record: DecidedCall, context: CallContext): AuditFact {
  return known({
    event_id: record.decisionId,
    organisation_id: record.organisationId,
    time: microTime(record.at),
    type: 'call.decided' as const,
    outcome: record.outcome,
    severity: record.outcome === null ? 1 : callSeverity(record.outcome, record.reasonCode),
    actor: actorOf(record, context.identity),
    client: clientOf(record),
    source: record.sourceIp === null ? null : { ip: record.sourceIp },
    gateway: known({ instance_id: context.instanceId, version: record.gatewayVersion, region: context.region }),
    server: serverOf(record, context),
    mcp: mcpOf(record, context),
    decision: decisionOf(record, context),
    request: requestOf(record),
  });
}

function actorOf(record: DecidedCall, identity: KnownIdentity | null): AuditActor {
  return known({
    identity_id: record.identityId,
    kind: identity?.kind ?? ('unknown' as const),
    name: identity?.name,
    owner_id: identity?.ownerId,
    credential_id: record.tokenId,
    credential_kind: 'grant_token' as const,
    auth_method: 'bearer' as const,
  });
}

function clientOf(record: DecidedCall): AuditClient | null {
  return record.clientName === null ? null : { name: record.clientName, unverified: true };
}

function serverOf(record: DecidedCall, { server }: CallContext): AuditServer {
  return known({ id: record.serverId, alias: record.serverSlug, name: server?.name, version: server?.version, host: server?.host });
}

function mcpOf(record: DecidedCall, { tool }: CallContext): AuditMcp {
  return known({
    method: record.method,
    protocol_version: record.protocolVersion,
    request_id: record.requestId,
    flow_id: record.sessionId,
    tool: record.tool,
    tool_upstream: record.definitionHash === null ? null : record.tool,
    definition_hash: record.definitionHash,
    effect: tool?.effect,
  });
}

function decisionOf(record: DecidedCall, context: CallContext): AuditDecision {
  return known({
    decision_id: record.decisionId,
    effect: record.effect,
    reason_code: record.reasonCode,
    mode: 'enforced' as const,
    policy_id: record.policyId,
    policy_version: record.policyVersion,
    policy_hash: context.policyHash,
    policy_age_ms: record.policyAgeMs,
    revision: record.revision,
    grant_id: record.grantId,
    rule_ids: someOf(ruleIdsOf(record)),
    obligations: someOf(record.approvals.map(obligationOf)),
    limits: someOf(record.charges.map(limitOf)),
    flow_before: someOf(record.marksBefore),
    flow_after: record.effect === 'deny' ? someOf(record.marksBefore) : null,
    audit_mode: record.durability,
    shadow: shadowOf(record),
  });
}

function ruleIdsOf(record: DecidedCall): readonly string[] {
  const ids = [...(record.ruleId === null ? [] : [record.ruleId]), ...record.approvals.map((approval) => approval.ruleId)];
  return [...new Set(ids)];
}

function obligationOf(approval: AskedApproval): string {
  const by = approval.approvers.length === 0 ? 'whoever may approve' : approval.approvers.join(', ');
  return cutText(`approval ${approval.ruleId}: ${approval.quorum} of ${by}, within ${approval.expiresInSeconds} s`, OBLIGATION_UNITS);
}

function limitOf(charge: DecidedCall['charges'][number]): NonNullable<AuditDecision['limits']>[number] {
  return { key: charge.key, units: charge.units, window_start: microTime(charge.windowStartMs), window_end: microTime(charge.windowEndMs) };
}

function shadowOf({ shadows: [shadow] }: DecidedCall): AuditDecision['shadow'] | null {
  if (shadow === undefined) return null;
  return known({
    policy_version: shadow.policyVersion,
    relation: shadow.relation,
    effect: shadow.effect,
    rule_id: shadow.ruleId,
    reason_code: shadow.reasonCode,
  });
}

function requestOf(record: DecidedCall): AuditRequest {
  return known({
    argument_keys: someOf(record.argumentKeys),
    args_digest: record.argumentsDigest,
    args_bytes: record.argumentsBytes,
    args_excerpt: record.sealedArguments,
  });
}

/** The list, or nothing where it is empty: an audit event has no empty list. */
export function someOf<Item>(items: readonly Item[]): readonly Item[] | null {
  return items.length === 0 ? null : items;
}

const OBLIGATION_UNITS = 256;
