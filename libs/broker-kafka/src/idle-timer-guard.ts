import { createRequire } from 'node:module';

interface InFlight {
  readonly sentAt: number;
  readonly requestTimeout: number;
  timeoutRequest(): void;
}

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly inflight: ReadonlyMap<number, InFlight>;
  readonly enforceRequestTimeout: boolean;
  requestTimeoutIntervalId: NodeJS.Timeout | undefined;
  isConnected(): boolean;
  destroy(): void;
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
}

/** How often each connection looks for requests that took too long: what is late is noticed this much later. */
export const TIMEOUT_CHECK_MS = 500;

let guarded = false;

/**
 * Stops the spinning of kafkajs 2.2.4. Each connection's request queue re-arms a timer whose delay lies in the past, a thousand
 * times a second for ever (3 % of a core for an idle consumer): a queue in which nothing waits needs no timer, since whoever
 * enqueues a request arms it. And it looks for late requests ten times a second, where twice will do.
 * Called before a client is made; calling again does nothing.
 */
export function guardIdleTimers(): void {
  if (guarded) return;
  guarded = true;
  const queue = requestQueuePrototype();
  const schedule = queue.scheduleCheckPendingRequests;
  queue.scheduleCheckPendingRequests = function scheduleWhenSomethingWaits(this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this);
  };
  queue.scheduleRequestTimeoutCheck = function checkTwiceASecond(this: RequestQueue): void {
    if (!this.enforceRequestTimeout) return;
    this.destroy();
    this.requestTimeoutIntervalId = setInterval(() => endLateRequests(this), TIMEOUT_CHECK_MS);
  };
}

function endLateRequests(queue: RequestQueue): void {
  const now = Date.now(); // what `sentAt` was taken from
  for (const request of [...queue.inflight.values()]) if (now - request.sentAt > request.requestTimeout) request.timeoutRequest();
  if (!queue.isConnected()) queue.destroy();
}

function requestQueuePrototype(): RequestQueue {
  const queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as { readonly prototype: RequestQueue };
  return queue.prototype;
}
