import type { JsonObject } from '@sallyport/kernel';

import type { Delivery, OutgoingBatch, Sink } from '../sink.js';
import type { SinkType } from '../sink-type.js';
import { makeSinkType } from '../settings/make-sink-type.js';
import { text } from '../settings/setting.js';
import type { ExaminedReceiver } from './sink-type.contract.js';

/** What a receiver does with a batch. */
export type Behaviour = (batch: OutgoingBatch, signal: AbortSignal) => Promise<Delivery> | Delivery;

const DELIVERED: Delivery = { kind: 'delivered' };

/** A receiver within this process, named a fake: it does as a test tells it, and knows an event that it has. */
export class InProcessReceiver implements ExaminedReceiver {
  /** Ids in order of arrival. */
  readonly arrivals: string[] = [];
  private behaviour: Behaviour | null = null;
  private waiting: { readonly count: number; readonly tell: () => void }[] = [];
  private open = 0;

  /** Takes a batch, as this moment's behaviour is. */
  async take(batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    if (signal.aborted) return { kind: 'unavailable', reason: 'stopped' };
    return this.behaviour === null ? this.keep(batch) : this.behaviour(batch, signal);
  }

  /** Keeps a batch, whole or the events that a test names. */
  keep(batch: OutgoingBatch, wanted: (index: number) => boolean = () => true): Delivery {
    batch.events.forEach((event, index) => {
      if (wanted(index)) this.arrivals.push(event.stored.eventId);
    });
    this.waiting = this.waiting.filter(({ count, tell }) => {
      if (this.arrivals.length >= count) tell();
      return this.arrivals.length < count;
    });
    return DELIVERED;
  }

  /** From now on it does this; `null`: what a healthy one does. */
  behave(behaviour: Behaviour | null): void {
    this.behaviour = behaviour;
  }

  opened(): void {
    this.open += 1;
  }

  closed(): void {
    this.open -= 1;
  }

  /** Sinks that are open to it. */
  get connections(): number {
    return this.open;
  }

  async reset(): Promise<void> {
    this.arrivals.length = 0;
    this.behave(null);
  }

  async arrived(count: number): Promise<readonly string[]> {
    if (this.arrivals.length < count) await new Promise<void>((tell) => this.waiting.push({ count, tell }));
    return this.arrivals;
  }

  async kept(): Promise<readonly string[]> {
    return [...new Set(this.arrivals)];
  }

  async away(): Promise<void> {
    this.behave(() => ({ kind: 'unavailable', reason: 'the receiver is away' }));
  }

  async back(): Promise<void> {
    this.behave(null);
  }

  async hang(): Promise<{ readonly reached: Promise<void> }> {
    let reach = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    this.behave((_, signal) => {
      reach();
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'unavailable', reason: 'stopped' })));
    });
    return { reached };
  }

  async refuseCredentials(): Promise<void> {
    this.behave(() => ({ kind: 'paused', cause: 'auth', reason: 'the receiver answers 401', advice: 'Give the sink another token.' }));
  }

  async busy(retryAfterSeconds: number): Promise<void> {
    this.behave(() => ({ kind: 'unavailable', reason: 'busy', retryAfterMs: retryAfterSeconds * 1_000 }));
  }

  async poison(eventId: string): Promise<void> {
    this.behave((batch) => (batch.events.some((event) => event.stored.eventId === eventId) ? { kind: 'unfit', reason: 'the receiver answers 400' } : this.keep(batch)));
  }

  async unconnected(): Promise<void> {
    if (this.open !== 0) throw new Error(`${this.open} sinks are open`);
  }

  async close(): Promise<void> {
    await this.reset();
  }
}

/** What a test wants of the kind. */
export interface InProcessWish {
  readonly maxEvents?: number;
  readonly maxBytes?: number;
  readonly maxEventBytes?: number;
  readonly dedupes?: boolean;
  readonly resendMs?: number;
}

/** A kind of sink whose receiver is in this process. */
export function inProcessSinkType(receiver: InProcessReceiver, wish: InProcessWish = {}): SinkType {
  return makeSinkType({
    name: 'webhook',
    description: 'Delivers within the process.',
    settings: { name: text({ description: 'What it is called.' }) },
    credentials: [{ name: 'token', required: true, description: 'A secret that goes nowhere.' }],
    formats: ['native'],
    dedupes: wish.dedupes ?? false,
    resendMs: wish.resendMs ?? 0,
    bounds: () => ({ maxEvents: wish.maxEvents ?? 100, maxBytes: wish.maxBytes ?? 1_000_000, maxEventBytes: wish.maxEventBytes ?? null }),
    guarantee: () => 'At least once to this process.',
    destination: ({ name }) => `memory:${name}`,
    open: () => openTo(receiver),
  });
}

/** Settings that the kind accepts. */
export const IN_PROCESS_SETTINGS: JsonObject = { name: 'here' };

function openTo(receiver: InProcessReceiver): Sink {
  let open = true;
  receiver.opened();
  return {
    deliver: (batch, signal) => receiver.take(batch, signal),
    async close() {
      if (open) receiver.closed();
      open = false;
    },
  };
}
