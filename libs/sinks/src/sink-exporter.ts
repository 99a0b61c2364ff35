import { factTools, type ExportParts } from './export-parts.js';
import type { Trouble } from './fly-batches.js';
import { LeaseKeeper } from './lease-keeper.js';
import { MainLane, type LaneTurn } from './main-lane.js';
import { untilAnnounceMs } from './pending-notes.js';
import { announce, disable, fail, pause, resume } from './progress-steps.js';
import { ReplayLane } from './replay-lane.js';
import { Rest } from './rest.js';
import { SinkHandle } from './sink-handle.js';
import { LeaseLost, SinkLedger } from './sink-ledger.js';
import type { SinkLease } from './delivery-store.js';
import type { SinkPlan } from './sink-plan.js';
import { freshProgress, type SinkProgress } from './sink-progress.js';

const LONGEST_RETRY_MS = 30_000;

/** How an exporter asks for its sink. */
export interface SinkClaim {
  /** Names this exporter among all there ever were: the holder of its leases. */
  readonly holder: string;
  /** For how long it leaves the sink to others when it is free, milliseconds. */
  readonly patienceMs: () => number;
}

/** One sink at work under one lease: its lanes, and what they share. */
interface Session {
  readonly ledger: SinkLedger;
  readonly main: MainLane;
  readonly replay: ReplayLane;
  readonly stop: AbortSignal;
}

/**
 * Exports one stream to one sink, for as long as it runs and has the lease.
 *
 * ```
 *            answer                       7 days · auth · config · gone · refusing
 *  ┌▶ active ◀──────── backoff ─────────────────▶ paused ──┐
 *  │     └────── failure ──▲                                │ a person resumes it, or changes its settings
 *  └────────────────────────────────────────────────────────┘
 * ```
 */
export class SinkExporter {
  private readonly rest: Rest;
  private running: Promise<void> | null = null;
  private stopSession = (): void => undefined;
  private held: SinkLease | null = null;
  private handingOver = false;
  private handedOverFence: number | null = null;
  private backSinceMs: number | null = null;

  constructor(
    readonly plan: SinkPlan,
    private readonly parts: ExportParts,
    private readonly claim: SinkClaim,
  ) {
    this.rest = new Rest(parts.scheduler);
  }

  /** Begins. Once. */
  start(): void {
    this.running ??= this.run();
  }

  /** Looks at once whether a person wrote something. */
  nudge(): void {
    this.rest.nudge();
  }

  /** Whether the sink is its own at this moment. */
  get isHolding(): boolean {
    return this.held !== null;
  }

  /** When it got the sink again that nobody else had taken, of the clock that never goes back; null when that did not happen. */
  get cameBackMs(): number | null {
    return this.backSinceMs;
  }

  /** Gives the sink back as soon as nothing is under way: what was delivered is behind the cursor, and whoever takes it goes on from there. */
  handOver(): void {
    this.handingOver = this.isHolding;
    this.rest.nudge();
  }

  /** Ends: deliveries are told to stop, the sink is closed, the lease given back. Takes as long as a delivery's grace and the store need. */
  async stop(): Promise<void> {
    this.rest.end();
    this.stopSession();
    await this.running;
  }

  private async run(): Promise<void> {
    for (let faults = 0; !this.rest.over; ) {
      try {
        await this.session();
        faults = 0;
      } catch (fault) {
        faults += 1;
        if (!(fault instanceof LeaseLost)) this.parts.onFault(this.plan, fault);
        await this.rest.sleep(this.retryMs(faults));
      }
    }
  }

  private async session(): Promise<void> {
    const { store, limits } = this.parts;
    await store.open(this.plan, freshProgress(this.plan.startAfter, this.parts.clock.now(), this.parts.newId()));
    const lease = await store.lease(this.plan, this.claim.holder, { ttlMs: limits.leaseMs, patienceMs: this.patienceMs });
    if (lease === null) return this.rest.sleep(limits.leaseMs / 3);
    this.begin(lease);
    const ending = new AbortController();
    this.stopSession = () => ending.abort();
    if (this.rest.over) ending.abort();
    const keeper = new LeaseKeeper(lease, { ...this.parts, leaseMs: limits.leaseMs, onLost: () => this.lose(ending) });
    try {
      await this.work(lease, ending.signal);
    } finally {
      keeper.end();
      await store.release(lease).catch(() => undefined); // it runs out by itself
      this.end(lease);
    }
  }

  /** What was given back is for the others first. */
  private get patienceMs(): number {
    return this.handedOverFence === null ? this.claim.patienceMs() : this.parts.limits.leaseMs;
  }

  private begin(lease: SinkLease): void {
    this.held = lease;
    if (lease.fence - 1 === this.handedOverFence) this.backSinceMs = this.parts.clock.monotonicMs();
  }

  private end(lease: SinkLease): void {
    this.held = null;
    this.handedOverFence = this.handingOver ? lease.fence : null;
    this.handingOver = false;
  }

  private lose(ending: AbortController): void {
    ending.abort();
    this.rest.nudge();
  }

  private async work(lease: SinkLease, stop: AbortSignal): Promise<void> {
    const { plan, parts } = this;
    const held = await parts.store.load(plan);
    if (held === null) throw new LeaseLost('the sink was removed');
    const handle = new SinkHandle(plan, parts);
    const retry = (attempt: number, fault: unknown): Promise<boolean> => this.retry(attempt, fault, stop);
    const ledger = new SinkLedger({ ...parts, retry }, plan, lease.fence, held);
    const lane = { plan, parts, ledger, handle, bounds: plan.type.bounds(plan.configuration), rest: this.rest, stop };
    const session: Session = { ledger, main: new MainLane(lane), replay: new ReplayLane(lane), stop };
    const unwatch = parts.source.watch(plan.stream, () => this.rest.news());
    try {
      while (!stop.aborted && !this.mayLeave(session)) await this.turn(session);
    } finally {
      unwatch();
      session.main.release();
      session.replay.release();
      await handle.close();
    }
  }

  private mayLeave({ main, replay }: Session): boolean {
    return this.handingOver && !main.isUnderWay && !replay.isUnderWay;
  }

  private async turn(session: Session): Promise<void> {
    await this.agreeWithPlan(session.ledger);
    const waitMs = this.heldBackMs(session.ledger.now);
    if (waitMs > 0) return this.holdBack(session, waitMs);
    const main = await session.main.turn();
    if (main.kind === 'trouble') return this.meet(session, main);
    const replay = session.stop.aborted ? main : await session.replay.turn();
    if (replay.kind === 'trouble') return this.meet(session, replay);
    if (main.kind !== 'idle' || replay.kind !== 'idle' || session.stop.aborted) return;
    await session.ledger.write(announce(this.plan, factTools(this.parts)));
    await this.rest.idle(Math.max(1, Math.min(main.waitMs, replay.waitMs, this.announceInMs(session.ledger.now))));
    await session.ledger.refresh();
  }

  /** What an administrator set up decides about being disabled, and another version ends a pause that was about the one before. */
  private async agreeWithPlan(ledger: SinkLedger): Promise<void> {
    const { plan, parts } = this;
    const { state, pausedVersion, pauseCause } = ledger.now;
    if (!plan.enabled) return ledger.write(disable(plan, factTools(parts)));
    const outdated = state === 'paused' && pauseCause !== 'asked' && pausedVersion !== null && pausedVersion < plan.version;
    if (state === 'disabled' || outdated) await ledger.write(resume(plan, null, factTools(parts)));
  }

  /** How long nothing may be sent; a pause is looked at again in a while. */
  private heldBackMs(progress: SinkProgress): number {
    if (progress.state === 'paused' || progress.state === 'disabled') return Infinity;
    if (progress.state === 'active') return 0;
    return untilRetryMs(progress, this.parts.clock.now());
  }

  private async holdBack({ ledger, main, replay }: Session, waitMs: number): Promise<void> {
    if (waitMs === Infinity) {
      main.release();
      replay.release();
    }
    await this.rest.sleep(Math.min(waitMs, this.parts.limits.lookMs));
    await ledger.refresh();
  }

  private async meet({ ledger }: Session, turn: Extract<LaneTurn, { kind: 'trouble' }>): Promise<void> {
    const { plan, parts } = this;
    const trouble: Trouble = turn.trouble;
    if (trouble.kind === 'paused') await ledger.write(pause(plan, { ...trouble, askedBy: null }, factTools(parts)));
    if (trouble.kind === 'failed') await ledger.write(fail(plan, { ...trouble, attemptTo: turn.attemptTo, random: parts.random() }, factTools(parts)));
  }

  private announceInMs(progress: SinkProgress): number {
    return progress.pending.length === 0 ? Infinity : untilAnnounceMs(progress, this.parts.clock.now());
  }

  private async retry(attempt: number, fault: unknown, stop: AbortSignal): Promise<boolean> {
    this.parts.onFault(this.plan, fault);
    if (stop.aborted) return false;
    await this.rest.sleep(this.retryMs(attempt));
    return !stop.aborted;
  }

  private retryMs(attempt: number): number {
    return Math.min(1_000 * 2 ** Math.min(attempt - 1, 10), LONGEST_RETRY_MS);
  }
}

/** Milliseconds until the next attempt; a clock that went back behind the failure counts as long enough. */
function untilRetryMs({ retryAtMs, lastError }: SinkProgress, nowMs: number): number {
  return nowMs < (lastError?.atMs ?? nowMs) ? 0 : (retryAtMs ?? 0) - nowMs;
}
