import { describe, expect, it } from 'vitest';

import { SequenceTracker, type Place } from './sequence-tracker.js';

function kinds(numbers: readonly number[], tracker = new SequenceTracker()): readonly Place['kind'][] {
  return numbers.map((number) => tracker.take(number).kind);
}

describe('numbers that should come one after another', () => {
  it('are next while they do, from any first one', () => expect(kinds([7, 8, 9])).toEqual(['next', 'next', 'next']));

  it('are ahead, late and there again, each told from the others', () => {
    const tracker = new SequenceTracker(1);
    expect(kinds([1, 4, 2, 2, 4, 3, 5], tracker)).toEqual(['next', 'ahead', 'late', 'again', 'again', 'late', 'next']);
    expect(tracker.missing()).toEqual([]);
  });

  it('are missing at the beginning, within and at the end, in their order', () => {
    const tracker = new SequenceTracker(2);
    kinds([5, 9, 7], tracker);
    tracker.endAt(2, 12);
    expect(tracker.missing()).toEqual([{ from: 2, to: 4 }, { from: 6, to: 6 }, { from: 8, to: 8 }, { from: 10, to: 12 }]);
  });

  it('are excused where lines before them could not be read', () => {
    const tracker = new SequenceTracker(1);
    tracker.take(1);
    expect(tracker.take(4, 2)).toEqual({ kind: 'ahead', missingFrom: 2 });
    tracker.take(9, 1);
    expect(tracker.missing()).toEqual([{ from: 6, to: 8 }]);
  });

  it('are missing altogether where none came', () => {
    const tracker = new SequenceTracker();
    tracker.endAt(3, 5);
    expect(tracker.missing()).toEqual([{ from: 3, to: 5 }]);
  });

  it('never stand as whole where there are more gaps than are kept', () => {
    const tracker = new SequenceTracker(1);
    for (let number = 1; number < 30_000; number += 2) tracker.take(number);
    expect(tracker.missing()).toHaveLength(10_000);
    expect(tracker.take(29_000).kind).toBe('again');
  });
});
