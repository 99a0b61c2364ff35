import type { Broker } from '@sallyport/broker';
import type { WorkerStatus } from '@sallyport/event-log';
import { type Clock, Fault, type OrganisationId, type Revision, type Scheduler, type Sha256Hex } from '@sallyport/kernel';
import type { OrganisationState } from '@sallyport/organisation-state';
import type { RecordMac } from '@sallyport/secrets';
import { type AppliedRevision, type Nack, stateHash, type WorkerReport } from '@sallyport/wire';

import { reportPublication } from '../worker-records/worker-publications.js';
import { streamFault } from './stream-faults.js';

/** How one organisation stands on the worker. */
export interface ReportedOrganisation {
  readonly revision: Revision;
  readonly state: OrganisationState;
  /** Why the worker refuses it; `null` while all is well. */
  readonly refusal: { readonly code: string; readonly revision: Revision } | null;
}

/** The worker that is reported of; a gateway is one. */
export interface ReportedWorker {
  standing(): Pick<WorkerStatus, 'state' | 'stampAgeMs'>;
  organisations(): ReadonlyMap<OrganisationId, ReportedOrganisation>;
  /** Calls back after an organisation's state moved on, or was refused. The answer ends it. */
  onApplied(listener: (organisationId: OrganisationId) => void): () => void;
}

/** What a reporter is made of. */
export interface StatusReporterParts {
  /** Its topics exist. */
  readonly broker: Broker;
  /** Makes its reports its own. */
  readonly mac: RecordMac;
  readonly workerId: string;
  /** One per start of the worker, UUIDv7. */
  readonly incarnation: string;
  readonly worker: ReportedWorker;
  /** How far the stream is, and what was refused of it; a `StreamEventFeed` says so. */
  readonly stream: { readonly position: number; readonly refused: ReadonlyMap<string, number> };
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly scheduler: Scheduler;
  /** Told of reports that could not be published; the next says it all again. */
  readonly onFault: (fault: Fault) => void;
}

/** The most time between two reports, milliseconds. */
export const REPORT_MS = 2_000;
/** How often a reporter looks whether the worker is still as it said, and tries again what could not be published. */
const LOOK_MS = 1_000;
/** Organisations in one report: what changed goes before what is said in turn. */
const MOST_CHANGED = 2_000;
const SAID_IN_TURN = 100;
const MOST_NACKS = 1_000;
/** State hashes made for one report, and how rarely those of large organisations are, milliseconds. */
const HASHES = 4;
const LARGE_GRANTS = 2_000;
const LARGE_EVERY_MS = 60_000;

interface KnownHash {
  readonly revision: Revision;
  readonly hash: Sha256Hex;
  readonly madeAtMs: number;
}

/**
 * Says on `dp.status` what a worker has applied: at once when something was, within a second when the worker is not as it said, and
 * every other second when nothing changed; what changed and some of the rest in turn. One report is under way at a time; what changes
 * meanwhile goes with the next, right after it.
 */
export class StatusReporter {
  private readonly changed = new Set<OrganisationId>();
  private readonly refused = new Set<OrganisationId>();
  private readonly hashes = new Map<OrganisationId, KnownHash>();
  private inTurn: Iterator<OrganisationId> | undefined;
  private sequence = 0;
  /** As last published; `undefined` when it could not be. */
  private saidState: WorkerReport['state'] | undefined;
  private looks = 0;
  private sending: Promise<void> | undefined;
  private asked = false;
  private closed = false;
  private cancelNext: () => void = () => undefined;
  private readonly unlisten: () => void;

  constructor(private readonly parts: StatusReporterParts) {
    for (const organisationId of parts.worker.organisations().keys()) this.note(organisationId);
    this.unlisten = parts.worker.onApplied((organisationId) => {
      this.note(organisationId);
      this.ask();
    });
    this.send();
  }

  /** Says goodbye, and nothing after it. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.unlisten();
    this.cancelNext();
    await this.sending;
    await this.publish({ ...this.report([]), state: 'stopped' });
  }

  private note(organisationId: OrganisationId): void {
    this.changed.add(organisationId);
    const refusal = this.parts.worker.organisations().get(organisationId)?.refusal ?? null;
    if (refusal === null) this.refused.delete(organisationId);
    else this.refused.add(organisationId);
  }

  /** After everybody else has heard of what was applied: it is in force when it is reported. */
  private ask(): void {
    if (this.asked) return;
    this.asked = true;
    queueMicrotask(() => {
      this.asked = false;
      this.send();
    });
  }

  private send(): void {
    if (this.closed || this.sending !== undefined) return;
    this.cancelNext();
    const told = [...this.changed].slice(0, MOST_CHANGED);
    for (const organisationId of told) this.changed.delete(organisationId);
    const report = this.report(told);
    this.looks = 0;
    this.sending = this.publish(report).then((isPublished) => this.sent(told, isPublished ? report.state : undefined));
  }

  private sent(told: readonly OrganisationId[], state: WorkerReport['state'] | undefined): void {
    const isPublished = state !== undefined;
    this.sending = undefined;
    this.saidState = state;
    if (!isPublished) for (const organisationId of told) this.changed.add(organisationId);
    if (this.closed) return;
    if (isPublished && this.changed.size > 0) this.send();
    else this.lookLater();
  }

  private lookLater(): void {
    this.cancelNext = this.parts.scheduler.after(LOOK_MS, () => this.look());
  }

  private look(): void {
    this.looks += 1;
    const isAsSaid = this.changed.size === 0 && this.parts.worker.standing().state === this.saidState;
    if (isAsSaid && this.looks * LOOK_MS < REPORT_MS) this.lookLater();
    else this.send();
  }

  private async publish(report: WorkerReport): Promise<boolean> {
    try {
      await this.parts.broker.publish([reportPublication(this.parts.mac, report)]);
      return true;
    } catch (caught) {
      this.parts.onFault(caught instanceof Fault ? caught : streamFault.failed('reporting the worker’s status failed', {}, caught));
      return false;
    }
  }

  private report(changed: readonly OrganisationId[]): WorkerReport {
    const { workerId, incarnation, worker, stream } = this.parts;
    this.sequence += 1;
    const budget = { left: HASHES };
    const applied = [...new Set([...changed, ...this.nextInTurn()])].flatMap((organisationId) => this.appliedOf(organisationId, budget));
    const refusedRecords = [...stream.refused].map(([code, count]) => ({ code, count }));
    return { workerId, incarnation, sequence: this.sequence, ...worker.standing(), position: stream.position, applied, nacks: this.nacks(), refusedRecords };
  }

  private appliedOf(organisationId: OrganisationId, budget: { left: number }): readonly AppliedRevision[] {
    const organisation = this.parts.worker.organisations().get(organisationId);
    if (organisation === undefined) return [];
    return [{ organisationId, revision: organisation.revision, stateHash: this.hashOf(organisationId, organisation, budget) }];
  }

  private hashOf(organisationId: OrganisationId, { revision, state }: ReportedOrganisation, budget: { left: number }): Sha256Hex | null {
    const known = this.hashes.get(organisationId);
    if (known?.revision === revision) return known.hash;
    const madeAtMs = this.parts.clock.monotonicMs();
    const isTooSoon = state.grants.size > LARGE_GRANTS && known !== undefined && madeAtMs - known.madeAtMs < LARGE_EVERY_MS;
    if (budget.left === 0 || isTooSoon) return null;
    budget.left -= 1;
    const hash = stateHash(state);
    this.hashes.set(organisationId, { revision, hash, madeAtMs });
    return hash;
  }

  private nextInTurn(): readonly OrganisationId[] {
    const next: OrganisationId[] = [];
    this.inTurn ??= this.parts.worker.organisations().keys();
    while (next.length < SAID_IN_TURN) {
      const { value, done } = this.inTurn.next();
      if (done === true) {
        this.inTurn = undefined;
        break;
      }
      next.push(value);
    }
    return next;
  }

  private nacks(): readonly Nack[] {
    return [...this.refused].slice(0, MOST_NACKS).flatMap((organisationId) => {
      const refusal = this.parts.worker.organisations().get(organisationId)?.refusal ?? null;
      return refusal === null ? [] : [{ organisationId, revision: refusal.revision, code: refusal.code }];
    });
  }
}
