import type { DecisionId, EpochMs, GrantId, IdentityId, OrganisationId, PolicyId, Revision, ServerId, Sha256Hex, TokenId } from '@sallyport/kernel';

import type { NotedRecord } from './noted-record.js';

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

/** An approval that a call waits for, or would have to. What it is bound to stands beside it in the record: organisation, identity, grant, server, tool, definition, digest of the arguments, version of the policy. */
export interface ApprovalAsked {
  readonly ruleId: string;
  /** `role:<role>` or `member:<id or e-mail>`; empty: whoever may approve. */
  readonly approvers: readonly string[];
  readonly quorum: number;
  readonly expiresInSeconds: number;
  /** How long the call is held open for an answer. */
  readonly holdSeconds: number;
  /** The sentence for the caller, and for who approves. */
  readonly message: string;
}

/** How a version in shadow would have decided, where it disagrees with the enforced one. */
export const DISAGREEMENTS = ['stricter', 'looser', 'other_reason'] as const;
export type Disagreement = (typeof DISAGREEMENTS)[number];

/** What a version that ran beside the enforced one said of the call, where they disagree. */
export interface ShadowDisagreement {
  readonly policyVersion: number;
  readonly relation: Disagreement;
  readonly effect: 'allow' | 'deny';
  readonly ruleId: string;
  /** `null` where it would have allowed the call. */
  readonly reasonCode: ReasonCode | null;
}

/** What rules about answers do with a value. */
export const REMOVALS = ['mask', 'hash', 'remove'] as const;
export type Removal = (typeof REMOVALS)[number];

/** A value of an answer that a rule replaced or removed; never the value. */
export interface RemovedPart {
  /** JSON Pointer into the message as the upstream sent it, cut after 128 characters. */
  readonly pointer: string;
  readonly ruleId: string;
  readonly action: Removal;
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
  /** With `approval_required`: every one of them must be met. */
  readonly approvals: readonly ApprovalAsked[];
  /** What the policy keeps of argument values, sealed with the organisation's key: JSON `{"level","arguments"}`. `null` where it keeps a digest. */
  readonly sealedArguments: string | null;
  /** At most one: of the version that runs beside the enforced one. */
  readonly shadows: readonly ShadowDisagreement[];
  /** What the worker ran; `null` in records of workers that did not say. */
  readonly gatewayVersion: string | null;
  /** How old the worker's knowledge of policies was, whole milliseconds; `null` where it had none, or its clock could not tell. */
  readonly policyAgeMs: number | null;
  /** Of the marks of flows that the decision depended on, those that the identity bore. */
  readonly marksBefore: readonly string[];
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
  /** The rule about answers that withheld this one; `null` where none did. */
  readonly answerRuleId: string | null;
  /** What rules about answers took out, the first 32. */
  readonly removed: readonly RemovedPart[];
  /** How much that is in all. */
  readonly removedCount: number;
  /** The marks of flows that the call left on its identity, whether that bore them before or not. */
  readonly marksLeft: readonly string[];
}

/** What is recorded of calls. A crash leaves a `decided` without its `completed`; recovery completes it as `abandoned`. */
export type DecisionRecord = DecidedRecord | CompletedRecord;

/** What a journal holds: calls, and what a worker noted besides. */
export type JournalRecord = DecisionRecord | NotedRecord;

/** A record with its place in a worker's own gapless sequence; `(incarnation, localSeq)` never repeats with other content. */
export interface SequencedRecord {
  /** One per start of a worker: UUIDv7. */
  readonly incarnation: string;
  /** 1, 2, 3 … in this incarnation. */
  readonly localSeq: number;
  readonly record: JournalRecord;
}
