import type { OutgoingEvent } from '@sallyport/sinks';

/** Events that follow each other and were taken in the same hour. */
export interface HourRun {
  /** `YYYY-MM-DD` in UTC. */
  readonly day: string;
  /** `HH`. */
  readonly hour: string;
  readonly events: readonly OutgoingEvent[];
}

/** Cuts a batch where the hour of `observed_time` changes, so that each object lies in the partition that its events belong to. */
export function hourRuns(events: readonly OutgoingEvent[]): readonly HourRun[] {
  const runs: { day: string; hour: string; events: OutgoingEvent[] }[] = [];
  for (const outgoing of events) {
    const { observed_time: taken } = outgoing.event;
    const day = taken.slice(0, 10);
    const hour = taken.slice(11, 13);
    const last = runs.at(-1);
    if (last?.day === day && last.hour === hour) last.events.push(outgoing);
    else runs.push({ day, hour, events: [outgoing] });
  }
  return runs;
}
