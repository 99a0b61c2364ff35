import type { DecisionId, EpochMs, GrantId, IdentityId, OrganisationId, PolicyId, Revision, ServerId, Sha256Hex, TokenId } from '@sallyport/kernel';

/** How a call ended, the same words everywhere. `allowed` only if bytes left for the upstream and it answered. */
export const OUTCOMES = ['allowed', 'denied', 'limited', 'approval_required', 'abandoned', 'error'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why a call was not forwarded. A closed set: adding a code is a change of the interface. */
export const REASON_CODES = [
  'no_policy',
  'hidden',
  'default_deny',
  'quarantined',
  'policy_stale',
  'clock_skew',
  'rule_denied',
  'require_failed',
  'limit_exceeded',
  'limit_amount_invalid',
  'limit_store_unavailable',
  'limit_store_reset',
  'approval_required',
  'evaluation_error',
  'flow_denied',
  'audit_unavailable',
  'request_malformed',
  'server_unavailable',
  'too_many_calls',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** What happened to the request that was (or was not) sent upstream. */
export const RESPONSE_STATUSES = ['not_called', 'ok', 'tool_error', 'rpc_error', 'transport_error', 'timeout', 'cancelled'] as const;
export type ResponseStatus = (typeof RESPONSE_STATUSES)[number];

/** Units reserved for a call, kept so that counters can be restored. Units are a plain decimal text. */
export interface Charge {
  readonly key: string;
  readonly windowStartMs: EpochMs;
  readonly windowEndMs: EpochMs;
  readonly units: string;
}

/** Written before anything goes upstream. For a refusal it is the only record; for an admission `effect` is `allow` and a `completed` follows. */
export interface DecidedRecord {
  readonly kind: 'decided';
  readonly decisionId: DecisionId;
  readonly organisationId: OrganisationId;
  readonly at: EpochMs;
  readonly effect: 'allow' | 'deny';
  /** The final outcome of a refusal; `null` while an admitted call is under way. */
  readonly outcome: 'denied' | 'limited' | 'approval_required' | null;
  readonly reasonCode: ReasonCode | null;
  readonly ruleId: string | null;
  /** JSON-RPC method; `null` when no frame could be read. */
  readonly method: string | null;
  /** `params.name` of `tools/call`; `null` for other methods. */
  readonly tool: string | null;
  readonly definitionHash: Sha256Hex | null;
  readonly serverId: ServerId;
  readonly serverSlug: string;
  readonly identityId: IdentityId;
  readonly grantId: GrantId;
  readonly tokenId: TokenId;
  readonly policyId: PolicyId | null;
  readonly policyVersion: number | null;
  /** The organisation's revision the decision was made at. */
  readonly revision: Revision;
  /** Names of the top-level arguments, in the order received; never values. */
  readonly argumentKeys: readonly string[];
  readonly argumentsDigest: Sha256Hex | null;
  readonly argumentsBytes: number;
  readonly charges: readonly Charge[];
  readonly protocolVersion: string | null;
  readonly sessionId: string | null;
  readonly clientName: string | null;
  readonly sourceIp: string | null;
  readonly requestId: string | null;
  readonly durability: 'process' | 'disk' | 'bus';
}

/** Written once for every admitted call, after its answer or its failure. */
export interface CompletedRecord {
  readonly kind: 'completed';
  readonly decisionId: DecisionId;
  readonly organisationId: OrganisationId;
  readonly at: EpochMs;
  readonly outcome: Outcome;
  /** Set when a call was refused after its durable `decided` (a recheck, a full pool). */
  readonly reasonCode: ReasonCode | null;
  readonly status: ResponseStatus;
  readonly httpStatus: number | null;
  readonly rpcCode: number | null;
  readonly resultBytes: number;
  /** From the request's arrival to its last answered byte, microseconds. */
  readonly durationUs: number;
  /** The part of it spent waiting for the upstream, microseconds. */
  readonly upstreamUs: number;
  /** Whether the charges were given back. */
  readonly chargesReleased: boolean;
}

/** What the journal holds. A crash leaves a `decided` without its `completed`; recovery completes it as `abandoned`. */
export type DecisionRecord = DecidedRecord | CompletedRecord;

/** A record with its place in a worker's own gapless sequence; `(incarnation, localSeq)` never repeats with other content. */
export interface SequencedRecord {
  /** One per start of a worker: UUIDv7. */
  readonly incarnation: string;
  /** 1, 2, 3 … in this incarnation. */
  readonly localSeq: number;
  readonly record: DecisionRecord;
}
