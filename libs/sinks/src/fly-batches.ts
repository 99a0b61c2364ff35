import type { BatchFlight, SettledFront } from './batch-flight.js';
import type { PauseCause, OutgoingBatch } from './sink.js';
import type { Answer, SinkHandle } from './sink-handle.js';
import { sinksFault } from './sinks-faults.js';

/** What ended a flight early. */
export type Trouble =
  | { readonly kind: 'paused'; readonly cause: PauseCause; readonly reason: string; readonly advice: string }
  | { readonly kind: 'failed'; readonly class: 'unavailable' | 'hung' | 'partly' | 'refused'; readonly reason: string; readonly retryAfterMs: number | undefined }
  /** Nobody wants more of it: the exporter stops, or the sink was paused meanwhile. */
  | { readonly kind: 'stopped' };

/** What a flight needs. */
export interface Crew {
  readonly handle: SinkHandle;
  readonly concurrency: number;
  readonly stop: AbortSignal;
  readonly batch: (group: readonly number[]) => OutgoingBatch;
  /** Records what was settled at the front. Answers whether to go on. */
  readonly settle: (front: SettledFront) => Promise<boolean>;
}

/** Sends groups until all is settled, or something is in the way; null when all is. @throws {Fault} `sinks.event_astray` when an event is neither settled nor to be sent: our bug. */
export async function flyBatches(flight: BatchFlight, crew: Crew): Promise<Trouble | null> {
  for (;;) {
    const groups = flight.front(crew.concurrency);
    const answers = await Promise.all(groups.map((group) => crew.handle.deliver(crew.batch(group), crew.stop)));
    groups.forEach((group, at) => {
      const answer = answers[at];
      if (answer !== undefined) flight.answered(group, answer.delivery);
    });
    const front = flight.takeFront();
    const goesOn = front === null || (await crew.settle(front));
    const trouble = worstOf(answers);
    if (trouble?.kind === 'paused') return trouble;
    if (!goesOn || crew.stop.aborted) return { kind: 'stopped' };
    if (trouble !== null) return trouble;
    if (flight.over) return null;
    if (groups.length === 0) throw sinksFault.event_astray(`after ${flight.firstSeq}`);
  }
}

function worstOf(answers: readonly Answer[]): Trouble | null {
  const troubles = answers.flatMap((answer) => troubleOf(answer) ?? []);
  return troubles.find(({ kind }) => kind === 'paused') ?? troubles.find((trouble) => trouble.kind === 'failed' && trouble.class !== 'partly') ?? troubles[0] ?? null;
}

function troubleOf({ delivery, hung }: Answer): Trouble | null {
  switch (delivery.kind) {
    case 'paused':
      return delivery;
    case 'unavailable':
      return { kind: 'failed', class: hung ? 'hung' : 'unavailable', reason: delivery.reason, retryAfterMs: delivery.retryAfterMs };
    case 'partly':
      if (delivery.asOne === true) return { kind: 'failed', class: 'refused', reason: delivery.rejected[0]?.reason ?? '', retryAfterMs: delivery.retryAfterMs };
      return delivery.again.length === 0 ? null : { kind: 'failed', class: 'partly', reason: delivery.reason ?? '', retryAfterMs: delivery.retryAfterMs };
    case 'delivered':
    case 'unfit':
      return null;
  }
}
