import type { JournalRecord, SequencedRecord } from '@sallyport/audit';
import { aCompleted, aDecided, aRefusal } from '@sallyport/audit/testing';
import { describe, expect, it } from 'vitest';

import { DecisionTail } from './decision-tail.js';
import type { SeenDecision } from './output/start-reporter.js';

const batchOf = (...records: readonly JournalRecord[]): readonly SequencedRecord[] => records.map((record, at) => ({ incarnation: 'one', localSeq: at + 1, record }));
const { organisationId, identityId } = aDecided(1);

type Gateway = Parameters<DecisionTail['showTo']>[1];
const knowing = (name: string): Gateway => {
  const identities = new Map([[identityId, { name }]]);
  return { organisations: () => new Map([[organisationId, { state: { identities } }]]) } as unknown as Gateway;
};
const knowingNobody: Gateway = { organisations: () => new Map() };

describe('decisions as they happen', () => {
  const shownBy = (tail: DecisionTail, gateway = knowing('ci-runner')): readonly SeenDecision[] => {
    const seen: SeenDecision[] = [];
    tail.showTo((decision) => seen.push(decision), gateway);
    return seen;
  };

  it('shows an admitted call when it ended, with the name of whose it was', () => {
    const tail = new DecisionTail();
    const seen = shownBy(tail);
    tail.take(batchOf(aDecided(1)));
    expect(seen).toEqual([]);
    tail.take(batchOf(aCompleted(1)));
    expect(seen).toEqual([{ at: new Date(aDecided(1).at), outcome: 'allowed', identity: 'ci-runner', server: 'time-tracker', tool: 'stop_timer', ruleId: '/tools/stop_timer', reasonCode: null }]);
  });

  it('shows a refusal at once, by the id where nobody knows the name', () => {
    const tail = new DecisionTail();
    const seen = shownBy(tail, knowingNobody);
    tail.take(batchOf(aRefusal(2)));
    expect(seen).toMatchObject([{ outcome: aRefusal(2).outcome, identity: identityId, reasonCode: aRefusal(2).reasonCode }]);
  });

  it('shows by its name what a start found of the process before', () => {
    const tail = new DecisionTail();
    tail.take(batchOf(aDecided(1), aCompleted(1)));
    expect(shownBy(tail)).toMatchObject([{ outcome: 'allowed', identity: 'ci-runner' }]);
  });

  it('holds no more than the newest hundred for it', () => {
    const tail = new DecisionTail();
    for (let n = 1; n <= 250; n += 1) tail.take(batchOf(aDecided(n), aCompleted(n)));
    expect(shownBy(tail).map(({ at }) => at.getTime())).toEqual(Array.from({ length: 100 }, (_, n) => aDecided(151 + n).at));
  });
});
