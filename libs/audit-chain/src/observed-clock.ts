import type { ReadEvent } from './read-event.js';

/** How often and how far the sequencer's clock went back. */
export class ObservedClock {
  private latest = '';
  /** How many events were observed before the one in front of them. */
  regressions = 0;
  /** The longest step back, in milliseconds. */
  longestMs = 0;

  /** Takes the next event's `observed_time`. Answers by how many milliseconds it is earlier than one before; 0 when it is not. */
  take({ observedTime }: ReadEvent): number {
    if (observedTime >= this.latest) {
      this.latest = observedTime;
      return 0;
    }
    const backMs = (microsOf(this.latest) - microsOf(observedTime)) / 1_000;
    this.regressions += 1;
    this.longestMs = Math.max(this.longestMs, backMs);
    return backMs;
  }
}

const WHOLE_SECONDS = 'yyyy-mm-ddThh:mm:ss'.length;

function microsOf(time: string): number {
  return Date.parse(`${time.slice(0, WHOLE_SECONDS)}Z`) * 1_000 + Number(time.slice(WHOLE_SECONDS + 1, -1));
}
