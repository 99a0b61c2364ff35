import type { CompletedRecord, DecidedRecord, SequencedRecord } from '@sallyport/audit';
import type { Gateway } from '@sallyport/gateway';

import type { SeenDecision } from './output/start-reporter.js';

const MAX_OPEN = 10_000;
const MAX_HELD = 100;

/** A decision and how it ended. */
interface EndedDecision {
  readonly decided: DecidedRecord;
  readonly outcome: SeenDecision['outcome'];
  readonly reasonCode: SeenDecision['reasonCode'];
}

/**
 * Joins `decided` with `completed` records into one decision each, in the order they end. Until it is told to whom to show them it
 * holds the newest hundred: a start stores again what the last process may not have, as much as its journal holds.
 */
export class DecisionTail {
  private readonly open = new Map<string, DecidedRecord>();
  private readonly held: EndedDecision[] = [];
  private show: ((ended: EndedDecision) => void) | null = null;

  /** Takes records once they are stored. */
  readonly take = (batch: readonly SequencedRecord[]): void => {
    for (const { record } of batch) {
      if (record.kind === 'completed') this.end(record);
      else if (record.kind === 'decided') this.begin(record);
    }
  };

  /** From now on decisions are shown as they end, by the names that this gateway knows; those held before first. */
  showTo(seen: (decision: SeenDecision) => void, gateway: Pick<Gateway, 'organisations'>): void {
    this.show = (ended) => seen(seenDecision(ended, gateway));
    this.held.splice(0).forEach(this.show);
  }

  private begin(decided: DecidedRecord): void {
    if (decided.outcome !== null) this.tell({ decided, outcome: decided.outcome, reasonCode: decided.reasonCode });
    else if (this.open.size < MAX_OPEN) this.open.set(decided.decisionId, decided);
  }

  private end({ decisionId, outcome, reasonCode }: CompletedRecord): void {
    const decided = this.open.get(decisionId);
    this.open.delete(decisionId);
    if (decided !== undefined) this.tell({ decided, outcome, reasonCode });
  }

  private tell(ended: EndedDecision): void {
    if (this.show !== null) return this.show(ended);
    if (this.held.push(ended) > MAX_HELD) this.held.shift();
  }
}

function seenDecision({ decided, outcome, reasonCode }: EndedDecision, gateway: Pick<Gateway, 'organisations'>): SeenDecision {
  const identity = gateway.organisations().get(decided.organisationId)?.state.identities.get(decided.identityId);
  return {
    at: new Date(decided.at),
    outcome,
    identity: identity?.name ?? decided.identityId,
    server: decided.serverSlug,
    tool: decided.tool ?? decided.method,
    ruleId: decided.ruleId,
    reasonCode,
  };
}
