import type { Charge, CompletedRecord, DecidedRecord, ShadowDisagreement } from '@sallyport/audit';
import { cutText } from '@sallyport/audit-event';
import type { DecisionId, EpochMs, OrganisationId, Sha256Hex } from '@sallyport/kernel';
import { canonicalJson } from '@sallyport/kernel';
import type { Frame } from '@sallyport/mcp-protocol';
import type { KeyedHashes } from '@sallyport/secrets';

import { GATEWAY_VERSION } from '../notes/gateway-version.js';
import type { GrantBinding } from '../snapshot/grant-binding.js';
import { NO_APPROVALS, type CallDecision } from './decision.js';

/** What is recorded of a request besides the verdict on it. */
export interface RecordedRequest {
  readonly decisionId: DecisionId;
  readonly at: EpochMs;
  readonly binding: GrantBinding;
  /** `null` when no frame could be read. */
  readonly frame: Frame | null;
  /** The hash of the approved definition that a `tools/call` meets. */
  readonly definitionHash: Sha256Hex | null;
  readonly protocolVersion: string | null;
  readonly sessionId: string | null;
  readonly clientName: string | null;
  readonly sourceIp: string | null;
  readonly requestId: string | null;
  /** How old the worker's knowledge was, milliseconds; `null` where that cannot be told. */
  readonly policyAgeMs: number | null;
  /** Of flows, those that the decision looked at and the identity bears. */
  readonly marks: readonly string[];
}

const TOOL_CALL = 'tools/call';
const NO_KEYS: readonly string[] = [];

/** What a record says besides, and what its digest is made with. */
export interface KeptDetails {
  readonly charges: readonly Charge[];
  readonly hashes: KeyedHashes;
  /** `null` where the policy keeps a digest alone. */
  readonly sealedArguments: string | null;
  readonly shadows: readonly ShadowDisagreement[];
}

/** The record to be kept before a call goes on, or instead of it. Arguments leave only their names, their size and a salted digest. */
export function decidedRecord(request: RecordedRequest, decision: CallDecision, kept: KeptDetails): DecidedRecord {
  const { binding, frame } = request;
  const { organisation, grant, server, policy } = binding;
  const denied = decision.effect === 'deny';
  return {
    kind: 'decided',
    decisionId: request.decisionId,
    organisationId: organisation.organisationId,
    at: request.at,
    effect: decision.effect,
    outcome: denied ? decision.outcome : null,
    reasonCode: denied ? decision.reasonCode : null,
    ruleId: decision.ruleId,
    method: frame === null ? null : bounded(frame.method),
    tool: frame !== null && frame.method === TOOL_CALL ? bounded(frame.name) : null,
    definitionHash: request.definitionHash,
    serverId: server.serverId,
    serverSlug: server.slug,
    identityId: grant.identityId,
    grantId: grant.grantId,
    tokenId: binding.entry.tokenId,
    policyId: policy === null ? null : policy.policyId,
    policyVersion: policy === null ? null : policy.version,
    revision: organisation.revision,
    argumentKeys: frame === null ? NO_KEYS : boundedKeys(frame.argumentKeys),
    argumentsDigest: frame === null || frame.argsBytes === 0 ? null : kept.hashes.digest(organisation.organisationId, canonicalJson(frame.args)),
    argumentsBytes: frame === null ? 0 : frame.argsBytes,
    charges: kept.charges,
    protocolVersion: bounded(request.protocolVersion),
    sessionId: request.sessionId,
    clientName: bounded(request.clientName),
    sourceIp: request.sourceIp,
    requestId: request.requestId,
    durability: organisation.settings?.auditDurability ?? 'disk',
    approvals: denied ? decision.approvals : NO_APPROVALS,
    sealedArguments: kept.sealedArguments,
    shadows: kept.shadows,
    gatewayVersion: GATEWAY_VERSION,
    policyAgeMs: request.policyAgeMs,
    marksBefore: request.marks,
  };
}

/** What a caller names is kept to this length in a record, so that no caller decides how large records are. */
const MAX_NAME = 256;
const MAX_KEYS = 256;

function bounded<Text extends string | null>(name: Text): Text | string {
  return name !== null && name.length > MAX_NAME ? cutText(name, MAX_NAME) : name;
}

function boundedKeys(keys: readonly string[]): readonly string[] {
  for (const key of keys) if (keys.length > MAX_KEYS || key.length > MAX_NAME) return keys.slice(0, MAX_KEYS).map(bounded);
  return keys;
}

/** How an admitted call ended; what the gateway measured of it. */
export type Ending = Pick<CompletedRecord, 'outcome' | 'reasonCode' | 'status' | 'httpStatus' | 'rpcCode' | 'resultBytes' | 'durationUs' | 'upstreamUs' | 'chargesReleased' | 'answerRuleId' | 'removed' | 'removedCount' | 'marksLeft'>;

/** The record of an admitted call's end. */
export function completedRecord(decided: { readonly decisionId: DecisionId; readonly organisationId: OrganisationId }, at: EpochMs, ending: Ending): CompletedRecord {
  return {
    kind: 'completed',
    decisionId: decided.decisionId,
    organisationId: decided.organisationId,
    at,
    outcome: ending.outcome,
    reasonCode: ending.reasonCode,
    status: ending.status,
    httpStatus: ending.httpStatus,
    rpcCode: ending.rpcCode,
    resultBytes: ending.resultBytes,
    durationUs: ending.durationUs,
    upstreamUs: ending.upstreamUs,
    chargesReleased: ending.chargesReleased,
    answerRuleId: ending.answerRuleId,
    removed: ending.removed,
    removedCount: ending.removedCount,
    marksLeft: ending.marksLeft,
  };
}
