const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** The names `time.weekday` may have, Sunday first. */
export const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const THURSDAY = 4;

/** The hour of the day in UTC, 0 to 23. */
export function hourOf(atMs: number): number {
  return Math.floor(modulo(atMs, DAY_MS) / HOUR_MS);
}

/** The day of the week in UTC, one of `WEEKDAYS`. */
export function weekdayOf(atMs: number): string | undefined {
  return WEEKDAYS[modulo(Math.floor(atMs / DAY_MS) + THURSDAY, 7)];
}

/** The date in UTC, `2026-11-21`; undefined for an instant outside the calendar. */
export function dateOf(atMs: number): string | undefined {
  return instantOf(atMs)?.slice(0, 10);
}

/** The instant in UTC to the second, `2026-11-21T14:03:00Z`; undefined outside the calendar. */
export function instantOf(atMs: number): string | undefined {
  const date = new Date(atMs);
  return Number.isNaN(date.getTime()) ? undefined : `${date.toISOString().replace(/\.\d+Z$/, '')}Z`;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** The offset of UTC from itself. */
export const UTC_OFFSET = (): number => 0;
