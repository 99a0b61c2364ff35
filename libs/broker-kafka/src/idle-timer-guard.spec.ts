import { createRequire } from 'node:module';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { TIMEOUT_CHECK_MS, guardIdleTimers } from './idle-timer-guard.js';

interface Queue {
  pending: unknown[];
  inflight: Map<number, unknown>;
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
  checkPendingRequests(): void;
  destroy(): void;
}
type QueueClass = new (options: object) => Queue;

const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as QueueClass;
const REQUEST_TIMEOUT_MS = 3_000;

function aQueue(): Queue {
  const logger = { debug: () => undefined };
  return new RequestQueue({ maxInFlightRequests: 1, requestTimeout: REQUEST_TIMEOUT_MS, enforceRequestTimeout: true, clientId: 'c', broker: 'b', logger });
}

/** How often a queue that was looked at once looks again within a second in which nothing happens. */
function looksWithinASecond(): number {
  const queue = aQueue();
  const looked = vi.spyOn(queue, 'checkPendingRequests');
  queue.scheduleCheckPendingRequests();
  vi.advanceTimersByTime(1_000);
  return looked.mock.calls.length;
}

describe('the idle timer guard', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is needed: without it an idle connection looks for work a thousand times a second', () => {
    expect(looksWithinASecond()).toBeGreaterThan(500);
  });

  it('leaves an idle connection alone, however often it is put in place', () => {
    guardIdleTimers();
    guardIdleTimers();
    vi.clearAllTimers();
    expect(looksWithinASecond()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('still sends a request that had to wait', () => {
    guardIdleTimers();
    const queue = aQueue();
    const sent: number[] = [];
    queue.inflight.set(1, {});
    queue.pending.push({ send: () => sent.push(2), expectResponse: true, correlationId: 2 });
    queue.scheduleCheckPendingRequests();
    vi.advanceTimersByTime(100);
    expect(sent).toEqual([]);
    queue.inflight.clear();
    vi.advanceTimersByTime(100);
    expect(sent).toEqual([2]);
  });

  it('still ends a request that takes too long, within a second of its time', () => {
    guardIdleTimers();
    const queue = aQueue();
    const ended: number[] = [];
    queue.inflight.set(1, { sentAt: Date.now(), requestTimeout: REQUEST_TIMEOUT_MS, timeoutRequest: () => ended.push(1) });
    queue.scheduleRequestTimeoutCheck();
    vi.advanceTimersByTime(REQUEST_TIMEOUT_MS);
    expect(ended).toEqual([]);
    vi.advanceTimersByTime(TIMEOUT_CHECK_MS);
    expect(ended).toEqual([1]);
    queue.destroy();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('looks for late requests with one timer, however many connections there are, until the last has ended', () => {
    guardIdleTimers();
    const ended: number[] = [];
    const queues = Array.from({ length: 10 }, aQueue);
    for (const [number, queue] of queues.entries()) {
      queue.inflight.set(1, { sentAt: Date.now(), requestTimeout: REQUEST_TIMEOUT_MS, timeoutRequest: () => ended.push(number) });
      queue.scheduleRequestTimeoutCheck();
    }
    expect(vi.getTimerCount()).toBe(1);
    queues[0]?.destroy();
    vi.advanceTimersByTime(REQUEST_TIMEOUT_MS + TIMEOUT_CHECK_MS);
    expect(ended).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const queue of queues) queue.destroy();
    expect(vi.getTimerCount()).toBe(0);
  });
});
