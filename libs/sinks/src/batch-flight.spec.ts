import { describe, expect, it } from 'vitest';

import { BatchFlight, type MeasuredEvent } from './batch-flight.js';
import { outgoingEvents } from './testing/outgoing-events.js';

const BOUNDS = { maxEvents: 4, maxBytes: 1_000, maxEventBytes: 400 };

describe('a flight', () => {
  it('settles from the front only: what is there behind an open event waits', () => {
    const flight = new BatchFlight(measured([100, 100, 100]), BOUNDS);
    const [group = []] = flight.front(1);
    flight.answered(group, { kind: 'partly', rejected: [{ index: 1, reason: 'no' }], again: [0] });
    expect([flight.takeFront(), flight.partlySettled, flight.front(1)]).toEqual([null, true, [[0]]]);
    flight.answered(flight.front(1)[0] ?? [], { kind: 'delivered' });
    const front = flight.takeFront();
    expect([front?.last, front?.delivered.length, front?.refused.map(({ reason }) => reason), flight.over]).toEqual([3, 2, ['no'], true]);
  });

  it('cuts by count and bytes, and never has an event go out that is too large', () => {
    const flight = new BatchFlight(measured([300, 300, 300, 300, 500, 10, 10, 10, 10, 10]), BOUNDS);
    expect(flight.front(9)).toEqual([[0, 1, 2], [3, 5, 6, 7], [8, 9]]);
  });

  it('believes an index that is named twice to be wanted again, and not at all one that is none', () => {
    const flight = new BatchFlight(measured([1, 1]), BOUNDS);
    flight.answered(flight.front(1)[0] ?? [], { kind: 'partly', rejected: [{ index: 1, reason: 'no' }, { index: 7, reason: 'no' }], again: [1, 9, -1] });
    expect(flight.front(1)).toEqual([[1]]);
  });

  it('names batches that differ in the middle differently, and the same batch always alike', () => {
    const flight = new BatchFlight(measured([1, 1, 1, 1]), BOUNDS);
    const name = (group: readonly number[]): string => flight.batch(group, { replay: false, checkpoint: null }, 'sink').batchId;
    expect(name([0, 1, 3])).not.toBe(name([0, 2, 3]));
    expect(name([0, 1, 3])).toBe(name([0, 1, 3]));
  });
});

function measured(sizes: readonly number[]): readonly MeasuredEvent[] {
  return outgoingEvents(sizes.length).map((event, at) => ({ ...event, bytes: sizes[at] ?? 0 }));
}
