import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
}

type Schedule = (this: RequestQueue) => void;

const guarded = new WeakSet<Schedule>();

/**
 * Stops the spinning of kafkajs 2.2.4: each connection's request queue re-arms a timer whose delay lies in the past, a thousand
 * times a second for ever (3 % of a core for an idle consumer). A queue in which nothing waits needs no timer: whoever enqueues
 * a request arms it. Called before a client is made; calling again does nothing.
 */
export function guardIdleTimers(): void {
  const queue = requestQueuePrototype();
  const schedule = queue.scheduleCheckPendingRequests;
  if (guarded.has(schedule)) return;
  queue.scheduleCheckPendingRequests = function scheduleWhenSomethingWaits(this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this);
  };
  guarded.add(queue.scheduleCheckPendingRequests);
}

function requestQueuePrototype(): { scheduleCheckPendingRequests: Schedule } {
  const queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as { readonly prototype: { scheduleCheckPendingRequests: Schedule } };
  return queue.prototype;
}
