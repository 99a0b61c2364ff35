import { attemptDelivery } from './attempt-delivery.js';
import type { ExportParts } from './export-parts.js';
import { safeReason } from './safe-reason.js';
import type { Delivery, OutgoingBatch, Sink } from './sink.js';
import type { SinkPlan } from './sink-plan.js';

/** What came of a batch. */
export interface Answer {
  readonly delivery: Delivery;
  /** Whether the delivery ignored being stopped, and goes on for all one knows. */
  readonly hung: boolean;
}

/**
 * Holds one sink open: within a deadline, with words that may be kept, and with a new one in the place of one that hangs. So many that hang
 * are all there can be.
 */
export class SinkHandle {
  private sink: Sink | null = null;
  private hanging = 0;

  constructor(
    private readonly plan: SinkPlan,
    private readonly parts: Pick<ExportParts, 'network' | 'clock' | 'scheduler' | 'random' | 'limits'>,
  ) {}

  /** Never rejects. */
  async deliver(batch: OutgoingBatch, stop: AbortSignal): Promise<Answer> {
    const { limits, scheduler } = this.parts;
    if (this.hanging >= limits.mostHung) return { ...unavailable(`${this.hanging} deliveries hang although they were stopped.`), hung: true };
    const sink = this.opened();
    if (sink === null) return unavailable('The sink could not be opened.');
    const attempt = await attemptDelivery({ sink, batch, stop }, limits, scheduler);
    if (attempt.kind === 'answered') return { delivery: this.kept(attempt.delivery), hung: false };
    this.abandon(sink, attempt.ended);
    const { delivery } = unavailable(`The receiver did not answer within ${limits.deadlineMs / 1_000} s, and the delivery could not be stopped.`);
    return { delivery, hung: true };
  }

  /** Bytes of an event as it goes out. */
  size(event: OutgoingBatch['events'][number]): number {
    return this.opened()?.size?.(event) ?? byteLength(event.stored.line);
  }

  /** Lets go of the receiver; of one that does not let go it is not waited for longer than a grace. */
  async close(): Promise<void> {
    const sink = this.sink;
    this.sink = null;
    if (sink === null) return;
    const closed = sink.close().catch(() => undefined); // it is let go of all the same
    await new Promise<void>((resolve) => {
      const callOff = this.parts.scheduler.after(this.parts.limits.graceMs, resolve);
      void closed.then(() => {
        callOff();
        resolve();
      });
    });
  }

  private opened(): Sink | null {
    const { plan, parts } = this;
    try {
      this.sink ??= plan.type.open(plan.configuration, { ...parts, sinkId: plan.sinkId, organisationId: plan.organisationId });
    } catch {
      // What it threw may quote a credential: the delivery says that it could not be opened.
      this.sink = null;
    }
    return this.sink;
  }

  private abandon(sink: Sink, ended: Promise<unknown>): void {
    this.hanging += 1;
    void ended.then(() => {
      this.hanging -= 1;
    });
    if (this.sink !== sink) return;
    this.sink = null;
    void sink.close().catch(() => undefined); // it hangs already, and is counted
  }

  private kept(delivery: Delivery): Delivery {
    const safe = (reason: string): string => safeReason(reason, Object.values(this.plan.configuration.credentials));
    if (delivery.kind === 'delivered') return delivery;
    if (delivery.kind === 'paused') return { ...delivery, reason: safe(delivery.reason), advice: safe(delivery.advice) };
    if (delivery.kind !== 'partly') return { ...delivery, reason: safe(delivery.reason) };
    const rejected = delivery.rejected.map(({ index, reason }) => ({ index, reason: safe(reason) }));
    return { ...delivery, rejected, reason: safe(delivery.reason ?? 'The receiver asks for some of it again.') };
  }
}

function unavailable(reason: string): Answer {
  return { delivery: { kind: 'unavailable', reason }, hung: false };
}

const encoder = new TextEncoder();

function byteLength(text: string): number {
  return encoder.encode(text).byteLength;
}
