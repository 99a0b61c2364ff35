import { randomUUID } from 'node:crypto';

import { ok, refuse, type Result } from '@sallyport/kernel';
import type { Delivery, SinkTools } from '@sallyport/sinks';

import type { HttpClient } from './http-client.js';
import { jsonAnswer } from './json-answer.js';
import { later, statusDelivery } from './status-delivery.js';
import { SPLUNK_ADVICE } from './splunk-answer.js';

/** Between two questions whether a batch is indexed, milliseconds: the first, and the longest. */
export const ACK_POLL_MS = { first: 250, longest: 5_000 } as const;

/** How long one delivery asks, milliseconds; the next attempt goes on asking. */
export const ACK_PATIENCE_MS = 20_000;

/** After so long without a yes the batch is sent once more, milliseconds: the receiver may have lost it. */
export const ACK_GIVEN_UP_MS = 300_000;

const REMEMBERED = 64;

/** `forgotten`: the receiver does not know the channel any more. */
export type Confirmation = Result<'indexed' | 'forgotten', Delivery>;

interface Awaited {
  readonly ackId: number;
  readonly sinceMs: number;
}

/**
 * The acknowledgements of one HEC channel. `false` means that it is not known to be indexed, never that it failed; so a batch whose answer is still
 * out is asked about again, not sent again, until it is given up.
 */
export class SplunkChannel {
  /** A GUID that names this sender to the receiver. */
  id = randomUUID();
  private awaited: ReadonlyMap<string, Awaited> = new Map();

  constructor(
    private readonly client: HttpClient,
    private readonly tools: SinkTools,
    private readonly request: { readonly path: string; readonly headers: Readonly<Record<string, string>> },
  ) {}

  /** Notes what the receiver answered to a batch. */
  expect(batchId: string, ackId: number): void {
    const kept = [...this.awaited].filter(([id]) => id !== batchId).slice(1 - REMEMBERED);
    this.awaited = new Map([...kept, [batchId, { ackId, sinceMs: this.tools.clock.monotonicMs() }]]);
  }

  /** Whether a batch was sent on this channel, and is still to be asked about. */
  awaits(batchId: string): boolean {
    const awaited = this.awaited.get(batchId);
    if (awaited === undefined) return false;
    if (this.tools.clock.monotonicMs() - awaited.sinceMs < ACK_GIVEN_UP_MS) return true;
    this.forget(batchId);
    return false;
  }

  /** Asks until it is a yes, its patience is over or the signal aborts. */
  async confirm(batchId: string, signal: AbortSignal): Promise<Confirmation> {
    const untilMs = this.tools.clock.monotonicMs() + ACK_PATIENCE_MS;
    let waitMs: number = ACK_POLL_MS.first;
    for (;;) {
      const asked = await this.ask(batchId, signal);
      if (!asked.ok || asked.value !== 'unknown') return this.settle(batchId, asked);
      if (signal.aborted || this.tools.clock.monotonicMs() >= untilMs) return refuse({ kind: 'unavailable', reason: NOT_YET, retryAfterMs: ACK_POLL_MS.longest });
      await this.pause(waitMs, signal);
      waitMs = Math.min(waitMs * 2, ACK_POLL_MS.longest);
    }
  }

  /** Begins a new channel: what was sent on the old one is not asked about any more. */
  renew(): void {
    this.id = randomUUID();
    this.awaited = new Map();
  }

  private settle(batchId: string, asked: Result<'indexed' | 'unknown' | 'forgotten', Delivery>): Confirmation {
    if (!asked.ok) return asked;
    if (asked.value === 'forgotten') this.renew();
    else this.forget(batchId);
    return ok(asked.value === 'forgotten' ? 'forgotten' : 'indexed');
  }

  private forget(batchId: string): void {
    this.awaited = new Map([...this.awaited].filter(([id]) => id !== batchId));
  }

  private async ask(batchId: string, signal: AbortSignal): Promise<Result<'indexed' | 'unknown' | 'forgotten', Delivery>> {
    const ackId = this.awaited.get(batchId)?.ackId ?? -1;
    const path = `${this.request.path}?channel=${this.id}`;
    const answered = await this.client.post({ path, headers: this.request.headers, body: JSON.stringify({ acks: [ackId] }), needsBody: true }, signal);
    if (!answered.ok) return answered;
    const said = jsonAnswer(answered.value);
    if (said !== null && CHANNEL_GONE.has(Number(said['code']))) return ok('forgotten');
    if (said?.['code'] === ACK_DISABLED) return refuse(DISABLED);
    if (answered.value.status !== 200) return refuse(unfitIsLater(statusDelivery(answered.value, SPLUNK_ADVICE)));
    const acks = said?.['acks'];
    if (typeof acks !== 'object' || acks === null) return refuse(later(answered.value, 'The receiver did not say which batches are indexed.'));
    return ok(Object.entries(acks).some(([id, indexed]) => id === String(ackId) && indexed === true) ? 'indexed' : 'unknown');
  }

  private pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        callOff();
        resolve();
      };
      const callOff = this.tools.scheduler.after(ms, done);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}

const NOT_YET = 'The receiver has the batch, but has not said yet that it is indexed.';
const CHANNEL_GONE: ReadonlySet<number> = new Set([10, 11]);
const ACK_DISABLED = 14;

/** Acknowledgement is wanted, and the receiver's token has none. */
export const DISABLED: Delivery = {
  kind: 'paused',
  cause: 'config',
  reason: 'The token of the receiver has indexer acknowledgement switched off.',
  advice: 'Enable indexer acknowledgement for the token in Splunk, or set `acknowledgement` of the sink to false.',
};

/** A question that is refused says nothing of the batch. */
function unfitIsLater(delivery: Delivery): Delivery {
  return delivery.kind === 'unfit' || delivery.kind === 'delivered' ? { kind: 'unavailable', reason: 'The receiver does not say whether the batch is indexed.' } : delivery;
}
