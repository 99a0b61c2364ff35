import { TOPIC, type Broker, type Following } from '@sallyport/broker';
import type { Enforcement, Publications, WorkerStatus, WorkerStatusBoard } from '@sallyport/event-log';
import { Fault, type Clock, type OrganisationId, type Revision, type Scheduler } from '@sallyport/kernel';
import type { RecordMac } from '@sallyport/secrets';

import { WorkerRecordGate, type RecordRefusal } from '../worker-records/worker-record-gate.js';
import { relayFault } from './relay-faults.js';
import { SKEW_MS, STALE_AFTER_MS, type WorkerEntry } from './worker-entry.js';
import { FORGOTTEN_AFTER_MS, WorkerRegister } from './worker-register.js';

/** What a board is made of. */
export interface StreamStatusBoardParts {
  readonly broker: Broker;
  /** Tells workers' reports from what somebody else wrote. */
  readonly mac: RecordMac;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** When a revision was published. */
  readonly publications: Publications;
  /** How old the newest stamp of a worker may be before it denies for an organisation, milliseconds; S for all when left out. Longer in `fail_static`. */
  readonly deniesAfterMs?: (organisationId: OrganisationId) => Promise<number>;
  /** Told of each record that no worker of this deployment wrote. */
  readonly onRefused?: (topic: string, refusal: RecordRefusal) => void;
  /** Told of records that are no reports, of the first from each source that no worker wrote, and of everything that fails meanwhile; the board goes on by itself. */
  readonly onFault: (fault: Fault) => void;
}

/** A worker that reports every other second is silent when it has not for so long, milliseconds. */
const SILENT_MS = 4_000;
/** How soon silence is noticed, milliseconds. */
const LOOK_MS = 250;

/** What one wait is about. */
interface Wanted {
  readonly organisationId: OrganisationId;
  readonly revision: Revision;
}

/** From then on, by the monotonic clock, a worker that has not applied the revision denies; `undefined` when it was not published. */
type DeniedFrom = number | undefined;

/**
 * How far the workers are, by what they say on `dp.status`.
 *
 * A revision is enforced when it was published, and each worker has applied it or denies. A worker denies by itself at the
 * latest S + skew after the publishing (DESIGN.md 3.4): then it is waited for no longer, unless it says that it decides calls all
 * the same. What workers say only makes the answer come sooner, and only while nobody else speaks among them: whose reports are refused
 * may be a worker all the same, one of another version, and is given the time after which it denies.
 */
export class StreamStatusBoard implements WorkerStatusBoard {
  private readonly register: WorkerRegister;
  private readonly listeners = new Set<() => void>();
  private readonly following: Following;
  private ended = false;
  /** When a report was refused last, by the monotonic clock. */
  private strangerSeenMs = -Infinity;

  constructor(private readonly parts: StreamStatusBoardParts) {
    this.register = new WorkerRegister(new WorkerRecordGate({ ...parts, onRefused: (topic, refusal) => this.refused(topic, refusal) }));
    this.following = parts.broker.follow(TOPIC.status, { from: 'start', onBatch: (records) => this.accept(records), onFault: parts.onFault });
  }

  /** Resolves when everything said before the call is known. */
  caughtUp(): Promise<void> {
    return this.following.caughtUp();
  }

  workers(): readonly WorkerStatus[] {
    const { nowMs } = this;
    return this.register.present(nowMs).map((entry) => entry.status(nowMs));
  }

  /** How many workers decide calls now. */
  liveWorkers(): number {
    return this.register.liveCount(this.nowMs);
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  async whenEnforced(organisationId: OrganisationId, revision: Revision, timeoutMs: number): Promise<Enforcement> {
    const wanted = { organisationId, revision };
    const endMs = this.nowMs + timeoutMs;
    const deniedFrom = await this.deniedFrom(wanted, timeoutMs);
    const left = (): readonly WorkerEntry[] => this.outstanding(wanted, deniedFrom);
    const waits = (): boolean => deniedFrom !== undefined && this.nowMs < endMs && !this.ended && (this.hearsStrangers(deniedFrom) || left().some((entry) => !entry.refuses(organisationId)));
    while (waits()) await this.news(Math.min(endMs, Math.max(deniedFrom ?? endMs, this.nowMs + LOOK_MS)));
    const outstanding = left().map((entry) => entry.workerId);
    return { reached: deniedFrom !== undefined && outstanding.length === 0 && !this.hearsStrangers(deniedFrom), outstanding };
  }

  /** Ends it; who waits is answered with how far it came. */
  async close(): Promise<void> {
    this.ended = true;
    this.tell();
    await this.following.close();
  }

  /** Waits for the publishing; `undefined` when it did not happen in time, or nobody can say. */
  private async deniedFrom({ organisationId, revision }: Wanted, timeoutMs: number): Promise<DeniedFrom> {
    const { publications, deniesAfterMs, onFault } = this.parts;
    try {
      const ago = await publications.whenPublished(organisationId, revision, timeoutMs);
      if (ago === null) return undefined;
      const publishedMs = this.nowMs - ago;
      return publishedMs + SKEW_MS + (deniesAfterMs === undefined ? STALE_AFTER_MS : await deniesAfterMs(organisationId));
    } catch (caught) {
      onFault(caught instanceof Fault ? caught : relayFault.failed('asking what was published failed', {}, caught));
      return undefined;
    }
  }

  private outstanding({ organisationId, revision }: Wanted, deniedFrom: DeniedFrom): readonly WorkerEntry[] {
    const { nowMs } = this;
    return this.register
      .present(nowMs)
      .filter((entry) => entry.state !== 'stopped' && !entry.hasApplied(organisationId, revision) && !denies(entry, nowMs, deniedFrom));
  }

  private refused(topic: string, refusal: RecordRefusal): void {
    this.strangerSeenMs = this.nowMs;
    this.parts.onRefused?.(topic, refusal);
  }

  /** Whether there may be a worker that cannot make itself heard and does not deny yet. */
  private hearsStrangers(deniedFrom: number): boolean {
    return this.nowMs - this.strangerSeenMs <= FORGOTTEN_AFTER_MS && this.nowMs < deniedFrom;
  }

  private accept(records: Parameters<WorkerRegister['accept']>[0]): void {
    const { clock, onFault } = this.parts;
    const unreadable = this.register.accept(records, { wallMs: clock.now(), monotonicMs: clock.monotonicMs() });
    if (unreadable > 0) onFault(relayFault.unreadable_report(`${unreadable} records that workers wrote on ${TOPIC.status} are no reports that this version knows`));
    this.tell();
  }

  /** Resolves when a worker said something, or a time has come. */
  private news(atMs: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        callOff();
        stop();
        resolve();
      };
      const stop = this.onChange(finish);
      const callOff = this.parts.scheduler.after(Math.max(0, atMs - this.nowMs), finish);
    });
  }

  private get nowMs(): number {
    return this.parts.clock.monotonicMs();
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

/** Whether a worker that has not applied a revision denies: its newest stamp is too old by now, and it does not say otherwise. */
function denies(entry: WorkerEntry, nowMs: number, deniedFrom: DeniedFrom): boolean {
  if (deniedFrom === undefined || nowMs < deniedFrom) return false;
  return entry.state !== 'ready' || (entry.lastSeenMs < deniedFrom && nowMs - entry.lastSeenMs >= SILENT_MS);
}
