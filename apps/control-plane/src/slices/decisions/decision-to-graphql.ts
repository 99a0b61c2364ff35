import type { ApprovalAsked, Outcome, RemovedPart, ShadowDisagreement } from '@sallyport/audit';
import type { DecisionId, GrantId, IdentityId, PolicyId, ServerId } from '@sallyport/kernel';

/** A row of `decisions` with its identity's name, as PostgreSQL answers it; bigints come as text. */
export interface DecisionRow {
  readonly decision_id: DecisionId;
  readonly at: Date;
  readonly outcome: Outcome | null;
  readonly reason_code: string | null;
  readonly server_slug: string;
  readonly server_id: ServerId;
  readonly method: string | null;
  readonly tool: string | null;
  readonly identity_name: string | null;
  readonly identity_id: IdentityId;
  readonly grant_id: GrantId;
  readonly rule_id: string | null;
  readonly policy_id: PolicyId | null;
  readonly policy_version: number | null;
  readonly revision: string;
  readonly argument_keys: readonly string[];
  readonly arguments_digest: string | null;
  readonly arguments_bytes: string;
  readonly response_status: string | null;
  readonly result_bytes: string | null;
  readonly duration_us: string | null;
  readonly upstream_us: string | null;
  readonly client_name: string | null;
  readonly protocol_version: string | null;
  readonly shadows: readonly ShadowDisagreement[] | null;
  readonly approvals: readonly ApprovalAsked[] | null;
  readonly answer_rule_id: string | null;
  readonly removed: readonly RemovedPart[] | null;
  readonly removed_count: string | null;
}

/** A decision's row as GraphQL's `Decision`. */
export function decisionToGraphql(row: DecisionRow) {
  return {
    decisionId: row.decision_id,
    at: row.at,
    outcome: row.outcome,
    reasonCode: row.reason_code,
    server: row.server_slug,
    serverId: row.server_id,
    method: row.method,
    tool: row.tool,
    identity: row.identity_name ?? row.identity_id,
    identityId: row.identity_id,
    grantId: row.grant_id,
    ruleId: row.rule_id,
    policyId: row.policy_id,
    policyVersion: row.policy_version,
    revision: Number(row.revision),
    argumentKeys: row.argument_keys,
    argumentsDigest: row.arguments_digest,
    argumentsBytes: Number(row.arguments_bytes),
    responseStatus: row.response_status,
    resultBytes: numberOrNull(row.result_bytes),
    durationMs: milliseconds(row.duration_us),
    upstreamMs: milliseconds(row.upstream_us),
    clientName: row.client_name,
    protocolVersion: row.protocol_version,
    shadow: row.shadows?.[0] ?? null,
    approvals: row.approvals ?? [],
    answerRuleId: row.answer_rule_id,
    removed: row.removed ?? [],
    removedCount: Number(row.removed_count ?? 0),
  };
}

function milliseconds(us: string | null): number | null {
  return us === null ? null : Number(us) / 1000;
}

function numberOrNull(text: string | null): number | null {
  return text === null ? null : Number(text);
}
