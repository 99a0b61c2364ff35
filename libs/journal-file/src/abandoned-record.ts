import type { CompletedRecord } from '@sallyport/audit';
import { branded, type EpochMs } from '@sallyport/kernel';

import type { UnendedDecision } from './position-file.js';

/**
 * The end of a call whose worker cannot say how it ended. It may have reached the upstream and run: its status is the one of a
 * connection that broke without an answer, and its charges are kept. Sizes and durations are 0, nothing was answered.
 */
export function abandonedRecord({ decisionId, organisationId }: UnendedDecision, at: EpochMs): CompletedRecord {
  return {
    kind: 'completed',
    decisionId: branded(decisionId),
    organisationId: branded(organisationId),
    at,
    outcome: 'abandoned',
    reasonCode: null,
    status: 'transport_error',
    httpStatus: null,
    rpcCode: null,
    resultBytes: 0,
    durationUs: 0,
    upstreamUs: 0,
    chargesReleased: false,
    answerRuleId: null,
    removed: [],
    removedCount: 0,
    marksLeft: [],
  };
}
