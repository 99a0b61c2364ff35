import type { Charge, CompletedRecord, DecidedRecord, NotedRecord } from '@sallyport/audit';

/** First item of a decision's array: its kind and the version of its form. A form never changes: another order is another version. */
export const DECIDED = 'd3';
/** First item of a decision's array that says more: the same members, then those of `MORE_DECIDED_MEMBERS`. */
export const DECIDED_WITH_MORE = 'd4';
/** Forms of decisions that are read and no longer written: those of journals from before `NOT_SAID_EARLY`. */
export const EARLY_DECIDED = 'd1';
/** As above, of those that say more. */
export const EARLY_DECIDED_WITH_MORE = 'd2';
/** First item of a completion's array. */
export const COMPLETED = 'c1';
/** First item of a completion's array that says more. */
export const COMPLETED_WITH_MORE = 'c2';
/** First item of the array of a completion that left marks: the members of `c2`, then those. */
export const COMPLETED_WITH_MARKS = 'c3';
/** First item of a note's array. */
export const NOTED = 'n1';

/** Members of a `decided` record in the order in which their values are written, behind the first item. */
export const DECIDED_MEMBERS = [
  'decisionId', 'at',
  'organisationId', 'serverId', 'serverSlug', 'identityId', 'grantId', 'tokenId', 'policyId', 'policyVersion', 'revision',
  'protocolVersion', 'clientName', 'sourceIp', 'durability', 'gatewayVersion',
  'tool', 'method', 'ruleId', 'effect', 'outcome', 'reasonCode', 'definitionHash', 'argumentKeys',
  'argumentsDigest', 'argumentsBytes', 'charges', 'sessionId', 'requestId', 'policyAgeMs',
] as const satisfies readonly (keyof DecidedRecord)[];

/** What a decision of an early form says of the members it did not have: nothing. */
export const NOT_SAID_EARLY = { gatewayVersion: null, policyAgeMs: null, marksBefore: [] } as const satisfies Partial<DecidedRecord>;
/** Members of a `decided` record of an early form. */
export const EARLY_DECIDED_MEMBERS: readonly string[] = DECIDED_MEMBERS.filter((member) => !(member in NOT_SAID_EARLY));

/** Members of a `completed` record. */
export const COMPLETED_MEMBERS = [
  'decisionId', 'at', 'organisationId', 'outcome', 'reasonCode', 'status', 'httpStatus', 'rpcCode', 'chargesReleased',
  'resultBytes', 'durationUs', 'upstreamUs',
] as const satisfies readonly (keyof CompletedRecord)[];

/** Members of one charge. */
export const CHARGE_MEMBERS = ['key', 'windowStartMs', 'windowEndMs', 'units'] as const satisfies readonly (keyof Charge)[];

/** What a record of the first form says of the further members: nothing. */
export const NO_MORE_DECIDED = { approvals: [], sealedArguments: null, shadows: [], marksBefore: [] } as const satisfies Partial<DecidedRecord>;
/** Further members of a `decided` record, in the order in which their values are written. */
export const MORE_DECIDED_MEMBERS = ['approvals', 'sealedArguments', 'shadows', 'marksBefore'] as const satisfies readonly (keyof typeof NO_MORE_DECIDED)[];
/** Further members of a `decided` record of an early form. */
export const MORE_EARLY_DECIDED_MEMBERS: readonly string[] = MORE_DECIDED_MEMBERS.filter((member) => !(member in NOT_SAID_EARLY));

/** What a record of the first form says of the further members: nothing. */
export const NO_MORE_COMPLETED = { answerRuleId: null, removed: [], removedCount: 0, marksLeft: [] } as const satisfies Partial<CompletedRecord>;
/** Further members of a `completed` record. */
export const MORE_COMPLETED_MEMBERS = ['answerRuleId', 'removed', 'removedCount'] as const satisfies readonly (keyof typeof NO_MORE_COMPLETED)[];

/** Members of a note. The last is an object with its members' names. */
export const NOTED_MEMBERS = ['eventId', 'at', 'organisationId', 'workerId', 'note'] as const satisfies readonly (keyof NotedRecord)[];
