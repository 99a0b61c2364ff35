import { SINK_STATES, type SinkStateName } from '@sallyport/sinks';
import { Counter, Gauge, type Registry } from 'prom-client';

/** How one sink stands. Counts are over all its life. */
export interface SinkFigure {
  /** The organisation's slug. */
  readonly organisation: string;
  readonly sink: string;
  readonly sinkId: string;
  readonly state: SinkStateName;
  readonly lagEvents: number;
  readonly lagSeconds: number;
  /** When the oldest event happened that was not sent yet, Unix milliseconds; null when there is none. */
  readonly oldestUndeliveredMs: number | null;
  readonly waitingDeadLetters: number;
  readonly attempts: number;
  readonly failedAttempts: number;
  readonly delivered: number;
  readonly deadLettered: number;
  readonly gapEvents: number;
}

/** Sinks that have series of their own at most. */
export const MOST_SINKS_SHOWN = 1_000;

const LABELS = ['organisation', 'sink', 'sink_id'] as const;
type Labels = Readonly<Record<(typeof LABELS)[number], string>>;
type Series = readonly [name: string, help: string, of: (figure: SinkFigure) => number | null];

const GAUGES: readonly Series[] = [
  ['sallyport_sink_lag_seconds', 'Age of the oldest event that was not sent yet, those included that the filter keeps back; 0 when there is none.', (figure) => figure.lagSeconds],
  ['sallyport_sink_lag_events', 'Events of the stream that were not sent yet.', (figure) => figure.lagEvents],
  ['sallyport_sink_oldest_undelivered_timestamp_seconds', 'Unix time of the oldest event that was not sent yet; no sample when there is none.', (figure) => (figure.oldestUndeliveredMs === null ? null : figure.oldestUndeliveredMs / 1_000)],
  ['sallyport_sink_dead_letters_waiting', 'Events that the receiver refused for good and nobody has looked after.', (figure) => figure.waitingDeadLetters],
];

const COUNTERS: readonly Series[] = [
  ['sallyport_sink_attempts_total', 'Deliveries tried.', (figure) => figure.attempts],
  ['sallyport_sink_failures_total', 'Deliveries that brought nothing.', (figure) => figure.failedAttempts],
  ['sallyport_sink_events_delivered_total', 'Events that the receiver acknowledged, or that were handed to one that acknowledges nothing.', (figure) => figure.delivered],
  ['sallyport_sink_dead_letters_total', 'Events that the receiver refused for good.', (figure) => figure.deadLettered],
  ['sallyport_sink_gap_events_total', 'Events that are not at the receiver: refused, past their retention, or left out by an administrator.', (figure) => figure.gapEvents],
];

/** The sinks' figures: series by organisation, name and id, of a bounded number of sinks, those in trouble first. */
export class SinkMetrics {
  private readonly gauges: readonly (readonly [Gauge, Series])[];
  private readonly counters: readonly (readonly [Counter, Series])[];
  private readonly states: Gauge;
  private readonly unlisted: Gauge;
  private readonly seenAt: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    const labelNames = [...LABELS];
    this.gauges = GAUGES.map((series) => [new Gauge({ name: series[0], help: series[1], labelNames, registers }), series]);
    this.counters = COUNTERS.map((series) => [new Counter({ name: series[0], help: series[1], labelNames, registers }), series]);
    this.states = new Gauge({ name: 'sallyport_sink_state', help: 'Whether a sink is in a state: 1 or 0.', labelNames: [...labelNames, 'state'], registers });
    this.unlisted = new Gauge({ name: 'sallyport_sink_unlisted', help: `Sinks beyond ${MOST_SINKS_SHOWN}, which have no series.`, registers });
    this.seenAt = new Gauge({ name: 'sallyport_sink_figures_timestamp_seconds', help: 'Unix time at which the figures of sinks were read; 0 before the first time.', registers });
  }

  /** Shows these sinks and no others. @param nowMs Unix milliseconds. */
  show(figures: readonly SinkFigure[], nowMs: number): void {
    const listed = figures.length <= MOST_SINKS_SHOWN ? figures : [...figures].sort(troubledFirst).slice(0, MOST_SINKS_SHOWN);
    for (const metric of [...this.gauges, ...this.counters]) metric[0].reset();
    this.states.reset();
    for (const figure of listed) this.showOne(figure, { organisation: figure.organisation, sink: figure.sink, sink_id: figure.sinkId });
    this.unlisted.set(figures.length - listed.length);
    this.seenAt.set(nowMs / 1_000);
  }

  private showOne(figure: SinkFigure, labels: Labels): void {
    for (const [gauge, [, , of]] of this.gauges) {
      const value = of(figure);
      if (value !== null) gauge.set(labels, value);
    }
    for (const [counter, [, , of]] of this.counters) counter.inc(labels, of(figure) ?? 0);
    for (const state of SINK_STATES) this.states.set({ ...labels, state }, figure.state === state ? 1 : 0);
  }
}

function troubledFirst(one: SinkFigure, other: SinkFigure): number {
  return Number(isTroubled(other)) - Number(isTroubled(one)) || other.lagSeconds - one.lagSeconds;
}

function isTroubled({ state, waitingDeadLetters }: SinkFigure): boolean {
  return state !== 'active' || waitingDeadLetters > 0;
}
