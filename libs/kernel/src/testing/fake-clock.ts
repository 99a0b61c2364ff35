import { branded, type EpochMs } from '../brand.js';
import type { Clock } from '../clock.js';

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  private elapsedMs = 0;

  constructor(private wallMs = 1_760_000_000_000) {}

  now(): EpochMs {
    return branded<EpochMs>(this.wallMs);
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  /** Lets both clocks run for `ms`. */
  advance(ms: number): void {
    this.wallMs += ms;
    this.elapsedMs += ms;
  }

  /** Sets the wall clock alone, as an operator or NTP would. */
  setWall(ms: number): void {
    this.wallMs = ms;
  }
}
