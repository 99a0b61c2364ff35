/**
 * What is read of a call's records to make events of it. A worker's `DecidedRecord` and `CompletedRecord` (libs/audit) have this form and
 * more; only what stands here can reach an event.
 */
export interface DecidedCall {
  readonly decisionId: string;
  readonly organisationId: string;
  /** Unix milliseconds, with a fraction where it is known. */
  readonly at: number;
  readonly effect: 'allow' | 'deny';
  readonly outcome: 'denied' | 'limited' | 'approval_required' | null;
  readonly reasonCode: string | null;
  readonly ruleId: string | null;
  readonly method: string | null;
  readonly tool: string | null;
  readonly definitionHash: string | null;
  readonly serverId: string;
  readonly serverSlug: string;
  readonly identityId: string;
  readonly grantId: string;
  readonly tokenId: string;
  readonly policyId: string | null;
  readonly policyVersion: number | null;
  readonly revision: number;
  readonly argumentKeys: readonly string[];
  readonly argumentsDigest: string | null;
  readonly argumentsBytes: number;
  readonly charges: readonly ChargedLimit[];
  readonly protocolVersion: string | null;
  readonly sessionId: string | null;
  readonly clientName: string | null;
  readonly sourceIp: string | null;
  readonly requestId: string | null;
  readonly durability: 'process' | 'disk' | 'bus';
  readonly approvals: readonly AskedApproval[];
  readonly sealedArguments: string | null;
  readonly shadows: readonly ShadowedCall[];
  readonly gatewayVersion: string | null;
  readonly policyAgeMs: number | null;
  readonly marksBefore: readonly string[];
}

/** Units that a counter was charged: a plain decimal, and the window it belongs to. */
export interface ChargedLimit {
  readonly key: string;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly units: string;
}

/** An approval that a call waits for. Its sentence is not read: it may quote arguments. */
export interface AskedApproval {
  readonly ruleId: string;
  readonly approvers: readonly string[];
  readonly quorum: number;
  readonly expiresInSeconds: number;
}

/** What a version in shadow said. */
export interface ShadowedCall {
  readonly policyVersion: number;
  readonly relation: string;
  readonly effect: 'allow' | 'deny';
  readonly ruleId: string;
  readonly reasonCode: string | null;
}

/** How an admitted call ended. */
export interface CompletedCall {
  readonly decisionId: string;
  readonly organisationId: string;
  readonly at: number;
  readonly outcome: 'allowed' | 'denied' | 'limited' | 'approval_required' | 'abandoned' | 'error';
  readonly reasonCode: string | null;
  readonly status: 'not_called' | 'ok' | 'tool_error' | 'rpc_error' | 'transport_error' | 'timeout' | 'cancelled';
  readonly httpStatus: number | null;
  readonly rpcCode: number | null;
  readonly resultBytes: number;
  readonly durationUs: number;
  readonly upstreamUs: number;
  readonly chargesReleased: boolean;
  readonly answerRuleId: string | null;
  readonly removed: readonly { readonly pointer: string; readonly ruleId: string; readonly action: 'mask' | 'hash' | 'remove' }[];
  readonly removedCount: number;
  readonly marksLeft: readonly string[];
}
