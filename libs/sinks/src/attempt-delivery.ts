import type { Scheduler } from '@sallyport/kernel';

import type { Delivery, OutgoingBatch, Sink } from './sink.js';

/** How long a delivery may take, milliseconds. */
export interface DeliveryTimes {
  /** After this it is told to stop. */
  readonly deadlineMs: number;
  /** After this much more it is left to itself. */
  readonly graceMs: number;
}

/** What became of one attempt. */
export type Attempt =
  | { readonly kind: 'answered'; readonly delivery: Delivery }
  /** It ignored being stopped. `ended` resolves if ever it comes to its end. */
  | { readonly kind: 'hung'; readonly ended: Promise<unknown> };

/** Hands a batch to a sink, and comes back within the deadline and its grace whatever the sink does. Ends early when `stop` aborts. */
export async function attemptDelivery(to: { readonly sink: Sink; readonly batch: OutgoingBatch; readonly stop: AbortSignal }, times: DeliveryTimes, scheduler: Scheduler): Promise<Attempt> {
  const controller = new AbortController();
  const sent = started(to.sink, to.batch, controller.signal);
  return new Promise((resolve) => {
    let callOff = (): void => undefined;
    const stop = (): void => {
      callOff();
      controller.abort();
      callOff = scheduler.after(times.graceMs, () => {
        to.stop.removeEventListener('abort', stop);
        resolve({ kind: 'hung', ended: sent });
      });
    };
    callOff = scheduler.after(times.deadlineMs, stop);
    if (to.stop.aborted) stop();
    else to.stop.addEventListener('abort', stop, { once: true });
    void sent.then((delivery) => {
      callOff();
      to.stop.removeEventListener('abort', stop);
      resolve({ kind: 'answered', delivery });
    });
  });
}

/** A sink that throws or rejects breaks its promise; what it threw may hold anything, so nothing of it is kept. */
async function started(sink: Sink, batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
  try {
    return await sink.deliver(batch, signal);
  } catch {
    return { kind: 'unavailable', reason: 'The sink failed in a way that it should not.' };
  }
}
