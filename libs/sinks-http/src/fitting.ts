import type { Delivery, OutgoingEvent } from '@sallyport/sinks';

import { shortenEvent } from './shorten-event.js';

type Rejected = { readonly index: number; readonly reason: string };

/** Events made into what a receiver takes, and those that no shortening makes fit. */
export interface Gathered {
  readonly items: readonly string[];
  readonly rejected: readonly Rejected[];
}

/**
 * Makes an item of every event, shortened where it would not fit.
 *
 * @param make An event, and JSON Pointers of what was left out of it, as the receiver takes it.
 */
export function gathered(events: readonly OutgoingEvent[], make: (outgoing: OutgoingEvent, cut: readonly string[]) => string, fits: (item: string) => boolean): Gathered {
  const items: string[] = [];
  const rejected: Rejected[] = [];
  events.forEach((outgoing, index) => {
    const item = make(outgoing, []);
    if (fits(item)) return void items.push(item);
    const shortened = shortenEvent(outgoing, (candidate) => fits(make(candidate, EVERY_CUT)));
    if (shortened === null) rejected.push({ index, reason: 'The event is larger than the receiver takes, even without all that can be left out.' });
    else items.push(make(shortened.outgoing, shortened.cut));
  });
  return { items, rejected };
}

/** What a receiver said of the events that were sent, together with those that could not be. */
export function withRejected(delivery: Delivery, rejected: readonly Rejected[]): Delivery {
  if (delivery.kind !== 'delivered' || rejected.length === 0) return delivery;
  return { kind: 'partly', rejected, again: [] };
}

/** As long as the names of what was left out can get, so that naming them never makes an event too large again. */
const EVERY_CUT = ['x'.repeat(320)];
