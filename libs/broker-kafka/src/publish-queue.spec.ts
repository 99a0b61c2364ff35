import type { Publication } from '@sallyport/broker';
import { describe, expect, it } from 'vitest';

import { PublishQueue } from './publish-queue.js';

const record = (key: string, bytes = 1): Publication => ({ topic: 't', key, value: new Uint8Array(bytes) });

/** A queue whose requests end when the test says so. */
function aQueue(): { readonly queue: PublishQueue; readonly loads: string[][]; end(fault?: Error): Promise<void> } {
  const loads: string[][] = [];
  let ends: ((fault?: Error) => void)[] = [];
  const queue = new PublishQueue((records) => {
    loads.push(records.map(({ key }) => key));
    return new Promise((resolve, reject) => ends.push((fault) => (fault === undefined ? resolve() : reject(fault))));
  });
  const settled = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    queue,
    loads,
    end: async (fault) => {
      await settled();
      const ending = ends;
      ends = [];
      for (const end of ending) end(fault);
      await settled();
    },
  };
}

describe('the publishing of one topic', () => {
  it('has one request under way, and sends what comes meanwhile together', async () => {
    const { queue, loads, end } = aQueue();
    const first = queue.push([record('a')]);
    await end();
    await first;
    const second = queue.push([record('b')]);
    await new Promise((resolve) => setImmediate(resolve));
    const later = [queue.push([record('c')]), queue.push([record('d')])];
    expect(loads).toEqual([['a'], ['b']]);
    await end();
    await second;
    await end();
    await Promise.all(later);
    expect(loads).toEqual([['a'], ['b'], ['c', 'd']]);
  });

  it('keeps the order when a request fails, and rejects only the calls it carried', async () => {
    const { queue, loads, end } = aQueue();
    const failing = expect(queue.push([record('a')])).rejects.toThrow('away');
    await new Promise((resolve) => setImmediate(resolve));
    const next = queue.push([record('b')]);
    await end(new Error('away'));
    await failing;
    await end();
    await next;
    expect(loads).toEqual([['a'], ['b']]);
  });

  it('divides what one request does not take', async () => {
    const { queue, loads, end } = aQueue();
    const pushed = queue.push([record('a', 600_000), record('b', 600_000), record('c', 1)]);
    await end();
    await end();
    await pushed;
    expect(loads).toEqual([['a'], ['b', 'c']]);
  });
});
