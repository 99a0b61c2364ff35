import { TOPIC, type Broker, type Following, type Publication } from '@sallyport/broker';
import type { EventLog } from '@sallyport/event-log';
import { Fault, type Clock, type OrganisationId, type Revision, type Scheduler } from '@sallyport/kernel';
import type { RecordSigner, RecordVerifier } from '@sallyport/secrets';
import { encodeState, recordKeyOf, stateHash, type SnapshotRecord, type StreamBody } from '@sallyport/wire';

import { foldTail } from './fold-tail.js';
import { relayFault } from './relay-faults.js';
import type { Covered } from './relay-rounds.js';
import { signedPublications } from './signed-publications.js';
import { SnapshotShelf, type ShelvedSnapshot } from './snapshot-shelf.js';

/** What a snapshotter is made of. */
export interface SnapshotterParts {
  readonly log: Pick<EventLog, 'heads' | 'read'>;
  readonly broker: Broker;
  readonly signer: RecordSigner;
  /** Trusts the signer's key: snapshots that it signed before are gone on from, others are folded and published anew. */
  readonly verifier: RecordVerifier;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** What the newest stamp covers; `undefined` before the first. */
  readonly covered: () => Covered | undefined;
  /** Told of every checkpoint that failed and every organisation that cannot be folded; it goes on by itself. */
  readonly onFault: (fault: Fault) => void;
  /** The most events that are not in snapshots before the next checkpoint begins. */
  readonly everyEvents?: number;
  /** The most time between an event and the checkpoint that takes it in, milliseconds. */
  readonly everyMs?: number;
}

const EVERY_EVENTS = 1_000;
const EVERY_MS = 30_000;
const LOOK_MS = 1_000;
/** The least time between two repairs of what somebody else spoiled: whoever goes on spoiling does not keep us publishing all the time. */
const REPAIR_MS = 5_000;
const FOLDED_AT_ONCE = 8;
const BATCH_BYTES = 2_000_000;

/**
 * Keeps a folded state of every organisation on `cp.snapshots`. From time to time it makes a checkpoint:
 *
 * ```
 * what the newest stamp covers (T, P) → heads of the log → snapshot of every organisation that has moved → frontier (T, P, all revisions)
 * ```
 *
 * Heads are read after P was published, so every event at or below P is in the snapshots that the frontier names. What stands
 * on the topic is the only memory: a new leader goes on from there, and what somebody else spoiled is published again.
 */
export class Snapshotter {
  private readonly shelf: SnapshotShelf;
  private readonly following: Following;
  private readonly toldOf = new Map<OrganisationId, Revision>();
  private madeAtMs = -Infinity;
  private wantsAll = false;
  private running: Promise<void> | undefined;
  private stopped = false;
  private cancelNext: () => void = () => undefined;

  constructor(private readonly parts: SnapshotterParts) {
    this.shelf = new SnapshotShelf(parts.verifier);
    this.following = parts.broker.follow(TOPIC.snapshots, { from: 'start', onBatch: (records) => this.shelf.accept(records), onFault: parts.onFault });
    this.nudge();
  }

  /** Looks whether a checkpoint is due, unless it is looking already. */
  nudge(): void {
    if (this.stopped || this.running !== undefined) return;
    this.cancelNext();
    this.running = this.look().finally(() => {
      this.running = undefined;
      if (!this.stopped) this.cancelNext = this.parts.scheduler.after(LOOK_MS, () => this.nudge());
    });
  }

  /** Folds every organisation from its first event and publishes all anew, with the next checkpoint. */
  rebuildAll(): void {
    this.wantsAll = true;
  }

  /** Ends after what is being published. Nothing is published once this resolves. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelNext();
    await this.following.close();
    await this.running;
  }

  private async look(): Promise<void> {
    try {
      await this.following.caughtUp();
      const covered = this.parts.covered();
      if (covered === undefined || !this.isDue(covered)) return;
      await this.checkpoint(covered);
    } catch (caught) {
      if (!this.stopped) this.parts.onFault(caught instanceof Fault ? caught : relayFault.failed('a checkpoint failed', {}, caught));
    }
  }

  private isDue({ position }: Covered): boolean {
    const { frontier, spoiled } = this.shelf;
    if (this.wantsAll) return true;
    const sinceMs = this.parts.clock.monotonicMs() - this.madeAtMs;
    if (spoiled.size > 0 && sinceMs >= REPAIR_MS) {
      this.parts.onFault(relayFault.spoiled_snapshot(`${spoiled.size} records among the snapshots are not ours, or older than they were`));
      return true;
    }
    if (frontier === undefined) return sinceMs >= REPAIR_MS;
    const waiting = Math.abs(position - frontier.position);
    return waiting >= (this.parts.everyEvents ?? EVERY_EVENTS) || (waiting > 0 && sinceMs >= (this.parts.everyMs ?? EVERY_MS));
  }

  private async checkpoint(covered: Covered): Promise<void> {
    const all = this.wantsAll;
    this.wantsAll = false;
    const heads = await this.parts.log.heads();
    this.noticeRewound(covered);
    const moved = [...heads].filter(([id, head]) => all || this.shelf.snapshotOf(id)?.revision !== head || this.shelf.spoiled.has(id));
    for (let at = 0; at < moved.length && !this.stopped; at += FOLDED_AT_ONCE) {
      const group = moved.slice(at, at + FOLDED_AT_ONCE);
      await this.publish(await Promise.all(group.map(([id, head]) => this.snapshot(id, head, all ? undefined : this.shelf.snapshotOf(id)))));
    }
    if (this.stopped) return;
    await this.publish([{ kind: 'frontier', ...covered, snapshots: heads }]);
    this.madeAtMs = this.parts.clock.monotonicMs();
  }

  /** The log was put back to an earlier time: what stands on the topic is of a future that never was. */
  private noticeRewound({ position }: Covered): void {
    const stood = this.shelf.frontier?.position ?? 0;
    if (position >= stood) return;
    this.parts.onFault(relayFault.log_behind(`the log ends at position ${position}, and snapshots stood at ${stood}`, { position, stood }));
    this.shelf.rewind();
    this.wantsAll = true;
  }

  private async snapshot(organisationId: OrganisationId, head: Revision, base: ShelvedSnapshot | undefined): Promise<SnapshotRecord | undefined> {
    const folded = await foldTail(this.parts.log, { organisationId, head, base });
    if (!folded.ok) return this.tellUnfoldable(organisationId, folded.refusal.revision, folded.refusal.code);
    const state = encodeState(folded.value);
    return { kind: 'snapshot', organisationId, revision: folded.value.revision, state, stateHash: stateHash(state) };
  }

  /** The frontier names its head all the same, so workers that find no such snapshot refuse the organisation. */
  private tellUnfoldable(organisationId: OrganisationId, revision: Revision, code: string): undefined {
    if (this.toldOf.get(organisationId) === revision) return;
    this.toldOf.set(organisationId, revision);
    this.parts.onFault(relayFault.unfoldable(`event ${revision} of ${organisationId} cannot be folded (${code})`, { organisationId, revision, code }));
  }

  private async publish(bodies: readonly (StreamBody | undefined)[]): Promise<void> {
    let batch: Publication[] = [];
    let bytes = 0;
    for (const body of bodies) {
      if (body === undefined) continue;
      for (const record of signedPublications(this.parts.signer, TOPIC.snapshots, body, this.shelf.recordCount(recordKeyOf(body)))) {
        batch.push(record);
        bytes += record.value?.length ?? 0;
      }
      if (bytes < BATCH_BYTES) continue;
      await this.parts.broker.publish(batch);
      [batch, bytes] = [[], 0];
    }
    if (batch.length > 0) await this.parts.broker.publish(batch);
  }
}
