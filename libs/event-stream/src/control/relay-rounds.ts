import { TOPIC, type Broker } from '@sallyport/broker';
import type { OutboxLease, OutboxRow } from '@sallyport/event-log';
import { branded, Fault, type Clock, type EpochMs, type Scheduler } from '@sallyport/kernel';
import type { RecordSigner } from '@sallyport/secrets';
import { encodeEvent, type EventRecord } from '@sallyport/wire';

import { relayFault } from './relay-faults.js';
import { signedPublications } from './signed-publications.js';

/** What rounds are made of. */
export interface RelayRoundsParts {
  readonly lease: OutboxLease;
  readonly broker: Broker;
  readonly signer: RecordSigner;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Told of every round that failed and every event that cannot be read; the rounds go on by themselves. */
  readonly onFault: (fault: Fault) => void;
}

/** "All that was committed before `committedBefore` is at or below `position`, and published." */
export interface Covered {
  readonly committedBefore: EpochMs;
  readonly position: number;
}

/** The time between two stamps, milliseconds. */
export const STAMP_MS = 500;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2_000;
const TIDY_MS = 10_000;
/** Rows stay this long after they were published: long enough for whoever asks when that was. */
const KEPT_MS = 600_000;

/**
 * Publishes while it holds the lead, round after round, one at a time:
 *
 * ```
 * T = now → place what is committed → publish what has a position, batch by batch → stamp (T, newest position) → wait
 * ```
 *
 * T is taken before the outbox is looked at, so what was committed before T has a position at or below the stamp's, and was
 * published above it. A round that fails stamps nothing; the next goes on after what was acknowledged, so a batch may come
 * twice and none is left out.
 */
export class RelayRounds {
  private published: number | undefined;
  private newestCovered: Covered | undefined;
  private stampedAtMs = -Infinity;
  private tidiedAtMs = -Infinity;
  private running: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private failures = 0;
  private cancelNext: () => void = () => undefined;

  constructor(private readonly parts: RelayRoundsParts) {}

  /** What the newest stamp said; `undefined` before the first. */
  get covered(): Covered | undefined {
    return this.newestCovered;
  }

  /** Begins a round, or another right after the one under way. */
  nudge(): void {
    if (this.stopped) return;
    if (this.running !== undefined) {
      this.again = true;
      return;
    }
    this.cancelNext();
    this.running = this.round().finally(() => this.afterRound());
  }

  /** Ends after the batch under way. Nothing is published once this resolves. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelNext();
    await this.running;
  }

  private async round(): Promise<void> {
    try {
      await this.publishAll();
      await this.tidy();
      this.failures = 0;
    } catch (caught) {
      this.failures += 1;
      if (!this.stopped) this.parts.onFault(asFault(caught));
    }
  }

  private async publishAll(): Promise<void> {
    const { lease, clock } = this.parts;
    const committedBefore = branded<EpochMs>(Math.floor(clock.now()));
    const startedMs = clock.monotonicMs();
    const newest = await lease.place();
    this.published ??= await lease.published();
    while (this.published < newest && !this.stopped) await this.publishBatch(this.published);
    if (this.stopped || startedMs - this.stampedAtMs < STAMP_MS) return;
    await this.stamp({ committedBefore, position: newest });
    this.stampedAtMs = startedMs;
  }

  private async publishBatch(after: number): Promise<void> {
    const { lease, broker, signer } = this.parts;
    const rows = await lease.read(after);
    const last = rows.at(-1);
    if (rows[0]?.position !== after + 1 || last === undefined) throw relayFault.failed(`the outbox has no position ${after + 1}, though a later one`);
    await broker.publish(rows.flatMap((row) => [...signedPublications(signer, TOPIC.events, this.recordOf(row))]));
    this.published = last.position;
    await lease.markPublished(last.position);
  }

  private async stamp(covered: Covered): Promise<void> {
    const { broker, signer } = this.parts;
    await broker.publish(signedPublications(signer, TOPIC.events, { kind: 'stamp', ...covered }));
    this.newestCovered = covered;
  }

  private async tidy(): Promise<void> {
    const nowMs = this.parts.clock.monotonicMs();
    if (nowMs - this.tidiedAtMs < TIDY_MS) return;
    await this.parts.lease.tidy(KEPT_MS);
    this.tidiedAtMs = nowMs;
  }

  /** An event that cannot be read is published without contents: its position counts, and workers refuse its organisation. */
  private recordOf({ position, organisationId, revision, event }: OutboxRow): EventRecord {
    if (event.ok) return { kind: 'event', position, organisationId, revision, event: encodeEvent(event.value) };
    this.parts.onFault(relayFault.unreadable_event(`event ${revision} of ${organisationId} cannot be read`, { organisationId, revision }, event.refusal));
    return { kind: 'event', position, organisationId, revision, event: new Uint8Array() };
  }

  private afterRound(): void {
    this.running = undefined;
    if (this.stopped) return;
    // A nudge during a failed round waits for the retry: asking a dead broker at once, for ever, would be a busy loop.
    const atOnce = this.again && this.failures === 0;
    this.again = false;
    if (atOnce) this.nudge();
    else this.cancelNext = this.parts.scheduler.after(this.pauseMs(), () => this.nudge());
  }

  private pauseMs(): number {
    if (this.failures > 0) return Math.min(FIRST_RETRY_MS * 2 ** (this.failures - 1), LONGEST_RETRY_MS);
    return Math.max(0, this.stampedAtMs + STAMP_MS - this.parts.clock.monotonicMs());
  }
}

function asFault(caught: unknown): Fault {
  return caught instanceof Fault ? caught : relayFault.failed('a round of publishing failed', {}, caught);
}
