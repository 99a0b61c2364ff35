import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

let guarded = false;

/**
 * Stops the spinning of kafkajs 2.2.4, whose request queue re-arms a timer in the past for every idle connection: a queue in which nothing waits
 * needs no timer, since whoever enqueues a request arms it. Calling again, or beside another guard of the same kind, does no harm.
 */
export function guardIdleTimers(): void {
  if (guarded) return;
  guarded = true;
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as { readonly prototype: RequestQueue };
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function scheduleWhenSomethingWaits(this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this);
  };
}
