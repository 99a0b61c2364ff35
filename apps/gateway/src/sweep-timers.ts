import type { GatewayCore } from './gateway-core.js';
import type { ClientSession } from './sessions/client-session.js';

const DEADLINES_MS = 500;
const KEEP_ALIVE_MS = 15_000;
const REPORT_MS = 60_000;
const WATCH_MS = 1_000;
/** Organisations whose policies are read at a time: some two milliseconds of work. */
const READ_AT_ONCE = 3;

/** What happens by the clock: late calls end, sessions whose time is over close, quiet streams are kept open, hints that waited go on, policies of snapshots are read, failures are reported, freshness and the journal are watched. */
export class SweepTimers {
  private timers: NodeJS.Timeout[] = [];

  constructor(private readonly core: GatewayCore) {}

  start(): void {
    this.every(DEADLINES_MS, () => this.core.calls.endLate(this.core.books.clock.monotonicMs()));
    this.every(DEADLINES_MS, () => this.sweepSessions());
    this.every(DEADLINES_MS, () => this.core.toolChanges.pass());
    this.every(DEADLINES_MS, () => this.core.store.readPolicies(READ_AT_ONCE));
    this.every(KEEP_ALIVE_MS, () => this.keepStreamsAlive());
    this.every(REPORT_MS, () => this.core.failures.report());
    this.every(WATCH_MS, () => this.core.freshness.look());
    this.every(WATCH_MS, () => this.core.journalWatch.look());
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.timers = [];
  }

  private sweepSessions(): void {
    const now = this.core.books.clock.now();
    this.core.sessions.sweep(now, (session) => isOver(session, now));
    this.core.toolWatchers.endExpired(now);
  }

  private keepStreamsAlive(): void {
    for (const session of this.core.sessions.all()) for (const stream of session.streams) stream.keepAlive();
  }

  private every(ms: number, task: () => void): void {
    const timer = setInterval(task, ms);
    timer.unref();
    this.timers.push(timer);
  }
}

function isOver(session: ClientSession, now: number): boolean {
  const { grant } = session.terms.binding;
  return now >= grant.expiresAtMs;
}
