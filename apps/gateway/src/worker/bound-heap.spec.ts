import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { boundHeapGrowth } from './bound-heap.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('bounds the growth of the heap while a worker starts, and afterwards while it is large', () => {
  const flags: string[] = [];
  let usedBytes = 30 * 2 ** 20;
  boundHeapGrowth({ usedBytes: () => usedBytes, setFlag: (flag) => void flags.push(flag.replace('--heap-growing-percent=', '')) });
  expect(flags).toEqual(['8']);
  for (const mebibytes of [30, 95, 96, 400, 30]) {
    usedBytes = mebibytes * 2 ** 20;
    vi.advanceTimersByTime(30_000);
  }
  expect(flags.slice(1)).toEqual(['0', '0', '8', '8', '0']);
});
