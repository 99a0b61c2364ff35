import type { LimitWindow } from '../document.js';

const NAMED_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** The window's length in milliseconds; undefined for a month, whose length differs, and for `concurrent`, which has none. */
export function windowMsOf(window: LimitWindow): number | undefined {
  if (typeof window === 'number') return window * 1_000;
  return window === 'month' || window === 'concurrent' ? undefined : NAMED_MS[window];
}

/**
 * When the window that contains `atMs` began. Windows follow one another from the Unix epoch without a gap, which makes
 * minutes, hours and days those of the UTC calendar.
 */
export function windowStart(atMs: number, windowMs: number): number {
  return Math.floor(atMs / windowMs) * windowMs;
}

/** When the calendar month in UTC that contains `atMs` began; `NaN` outside the calendar. */
export function monthStart(atMs: number): number {
  const date = new Date(atMs);
  return new Date(0).setUTCFullYear(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

/** When the next calendar month in UTC begins; `NaN` outside the calendar. */
export function monthEnd(atMs: number): number {
  const date = new Date(atMs);
  return new Date(0).setUTCFullYear(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** The window as one says it after "30 calls": `in a minute`, `in 45 seconds`, `at once`. */
export function sayWindow(window: LimitWindow, algorithm: 'fixed' | 'sliding'): string {
  if (window === 'concurrent') return 'at once';
  const name = typeof window === 'number' ? (window === 1 ? 'a second' : `${window} seconds`) : window === 'hour' ? 'an hour' : `a ${window}`;
  return algorithm === 'sliding' ? `in any ${name.replace(/^an? /, '')}` : `in ${name}`;
}
