import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { OrderedQueue } from './ordered-queue.js';

const allDue = (queue: OrderedQueue<string>, atMs: number): readonly string[] => {
  const taken: string[] = [];
  for (let item = queue.takeDue(atMs); item !== undefined; item = queue.takeDue(atMs)) taken.push(item);
  return taken;
};

describe('an ordered queue', () => {
  it('gives what is due, the earliest first, and keeps the rest', () => {
    const queue = new OrderedQueue<string>();
    for (const atMs of [50, 10, 40, 20, 30, 60, 5]) queue.add(atMs, `at ${atMs}`);
    expect(queue.takeDue(4)).toBeUndefined();
    expect(allDue(queue, 5)).toEqual(['at 5']);
    expect(allDue(queue, 30)).toEqual(['at 10', 'at 20', 'at 30']);
    queue.add(35, 'at 35');
    expect(allDue(queue, 100)).toEqual(['at 35', 'at 40', 'at 50', 'at 60']);
    expect(allDue(queue, Infinity)).toEqual([]);
  });

  it('gives everything once, in order, however it was added', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 40 }), fc.nat(50), (times, cut) => {
        const queue = new OrderedQueue<string>();
        for (const atMs of times) queue.add(atMs, String(atMs));
        const sorted = [...times].sort((one, other) => one - other).map(String);
        const [due, later] = [allDue(queue, cut), allDue(queue, 100)];
        expect([...due, ...later]).toEqual(sorted);
        expect(due.every((each) => Number(each) <= cut) && later.every((each) => Number(each) > cut)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
