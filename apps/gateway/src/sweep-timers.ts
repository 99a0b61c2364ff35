import type { GatewayCore } from './gateway-core.js';
import type { ClientSession } from './sessions/client-session.js';
import type { GatewayMetrics } from './telemetry/gateway-metrics.js';

/** Each beat wakes the process once, for all that is due at it: timers of their own would drift apart and each wake an idle worker. */
const BEAT_MS = 500;
const WATCH_BEATS = 2;
const KEEP_ALIVE_BEATS = 30;
const REPORT_BEATS = 120;
/** Organisations whose policies are read at a time: some two milliseconds of work. */
const READ_AT_ONCE = 3;

/** What of a gateway is swept. */
export interface Swept {
  readonly books: Pick<GatewayCore['books'], 'clock'> & { readonly metrics?: Pick<GatewayMetrics, 'beatCame'> | undefined };
  readonly calls: Pick<GatewayCore['calls'], 'endLate'>;
  readonly sessions: Pick<GatewayCore['sessions'], 'sweep' | 'all'>;
  readonly toolWatchers: Pick<GatewayCore['toolWatchers'], 'endExpired'>;
  readonly toolChanges: Pick<GatewayCore['toolChanges'], 'pass'>;
  readonly store: Pick<GatewayCore['store'], 'readPolicies'>;
  readonly failures: Pick<GatewayCore['failures'], 'report'>;
  readonly freshness: Pick<GatewayCore['freshness'], 'look'>;
  readonly journalWatch: Pick<GatewayCore['journalWatch'], 'look'>;
}

/** What happens by the clock: late calls end, sessions whose time is over close, quiet streams are kept open, hints that waited go on, policies of snapshots are read, failures are reported, freshness and the journal are watched. */
export class SweepTimers {
  private timer: NodeJS.Timeout | undefined;
  private beats = 0;
  private beganMs = 0;

  constructor(private readonly core: Swept) {}

  start(): void {
    this.beganMs = this.core.books.clock.monotonicMs();
    this.timer = setInterval(() => this.beat(), BEAT_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private beat(): void {
    const nowMs = this.core.books.clock.monotonicMs();
    this.core.books.metrics?.beatCame(nowMs - this.beganMs - BEAT_MS);
    this.beganMs = nowMs;
    this.beats += 1;
    this.core.calls.endLate(nowMs);
    this.sweepSessions();
    this.core.toolChanges.pass();
    this.core.store.readPolicies(READ_AT_ONCE);
    if (this.beats % WATCH_BEATS === 0) this.watch();
    if (this.beats % KEEP_ALIVE_BEATS === 0) this.keepStreamsAlive();
    if (this.beats % REPORT_BEATS === 0) this.core.failures.report();
  }

  private watch(): void {
    this.core.freshness.look();
    this.core.journalWatch.look();
  }

  private sweepSessions(): void {
    const now = this.core.books.clock.now();
    this.core.sessions.sweep(now, (session) => isOver(session, now));
    this.core.toolWatchers.endExpired(now);
  }

  private keepStreamsAlive(): void {
    for (const session of this.core.sessions.all()) for (const stream of session.streams) stream.keepAlive();
  }
}

function isOver(session: ClientSession, now: number): boolean {
  const { grant } = session.terms.binding;
  return now >= grant.expiresAtMs;
}
