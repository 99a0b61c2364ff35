import type { LimitWindow } from '../document.js';

const NAMED_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** The window's length in milliseconds. */
export function windowMsOf(window: LimitWindow): number {
  return typeof window === 'number' ? window * 1_000 : NAMED_MS[window];
}

/**
 * When the window that contains `atMs` began. Windows follow one another from the Unix epoch without a gap, which makes
 * minutes, hours and days those of the UTC calendar.
 */
export function windowStart(atMs: number, windowMs: number): number {
  return Math.floor(atMs / windowMs) * windowMs;
}

/** The window as one says it: `a minute`, `45 seconds`. */
export function sayWindow(window: LimitWindow): string {
  if (typeof window === 'number') return window === 1 ? 'a second' : `${window} seconds`;
  return window === 'hour' ? 'an hour' : `a ${window}`;
}
