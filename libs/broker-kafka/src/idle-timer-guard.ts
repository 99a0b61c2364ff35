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
  isConnected(): boolean;
  destroy(): void;
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
}

/** How often requests that took too long are looked for: what is late is noticed this much later. */
export const TIMEOUT_CHECK_MS = 1_000;

let guarded = false;
/** Connections whose requests are looked at, all by one timer: each of its own would wake an idle process as often as all together. */
const watched = new Set<RequestQueue>();
let watching: NodeJS.Timeout | undefined;

/**
 * Stops the spinning of kafkajs 2.2.4. Each connection's request queue re-arms a timer whose delay lies in the past, a thousand
 * times a second for ever (3 % of a core for an idle consumer): a queue in which nothing waits needs no timer, since whoever
 * enqueues a request arms it. And each looks for late requests ten times a second, where one timer for all of them will do once.
 * Called before a client is made; calling again does nothing.
 */
export function guardIdleTimers(): void {
  if (guarded) return;
  guarded = true;
  const queue = requestQueuePrototype();
  const { scheduleCheckPendingRequests: schedule, destroy } = queue;
  queue.scheduleCheckPendingRequests = function scheduleWhenSomethingWaits(this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this);
  };
  queue.scheduleRequestTimeoutCheck = function checkWithAllOthers(this: RequestQueue): void {
    if (this.enforceRequestTimeout) watch(this);
  };
  queue.destroy = function leaveTheOthers(this: RequestQueue): void {
    unwatch(this);
    destroy.call(this);
  };
}

function watch(queue: RequestQueue): void {
  watched.add(queue);
  watching ??= setInterval(() => {
    for (const each of [...watched]) endLateRequests(each);
  }, TIMEOUT_CHECK_MS);
}

function unwatch(queue: RequestQueue): void {
  watched.delete(queue);
  if (watched.size > 0) return;
  clearInterval(watching);
  watching = undefined;
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
