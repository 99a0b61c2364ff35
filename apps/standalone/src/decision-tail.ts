import type { DecidedRecord, SequencedRecord } from '@sallyport/audit';

import type { SeenDecision } from './output/start-reporter.js';

const MAX_OPEN = 10_000;

/** Joins `decided` with `completed` records into one line for each decision, in the order they end. `nameOf` names an identity. */
export function decisionTail(nameOf: (identityId: string) => string, seen: (decision: SeenDecision) => void): (batch: readonly SequencedRecord[]) => void {
  const open = new Map<string, DecidedRecord>();
  return (batch) => {
    for (const { record } of batch) {
      if (record.kind === 'noted') continue;
      if (record.kind === 'decided') {
        if (record.outcome !== null) seen(seenDecision(record, { outcome: record.outcome, reasonCode: record.reasonCode }, nameOf));
        else if (open.size < MAX_OPEN) open.set(record.decisionId, record);
        continue;
      }
      const decided = open.get(record.decisionId);
      open.delete(record.decisionId);
      if (decided !== undefined) seen(seenDecision(decided, record, nameOf));
    }
  };
}

function seenDecision(decided: DecidedRecord, end: Pick<SeenDecision, 'outcome' | 'reasonCode'>, nameOf: (identityId: string) => string): SeenDecision {
  return {
    at: new Date(decided.at),
    outcome: end.outcome,
    identity: nameOf(decided.identityId),
    server: decided.serverSlug,
    tool: decided.tool ?? decided.method,
    ruleId: decided.ruleId,
    reasonCode: end.reasonCode,
  };
}
