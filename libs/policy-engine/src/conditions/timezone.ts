import { UTC_OFFSET } from './utc-time.js';

const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/;
const OFFSET = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;
const QUARTER_MS = 900_000;
/** By name in lower case: formatters are dear to make, and there are only so many zones. */
const FORMATTERS = new Map<string, Intl.DateTimeFormat>();

/** How far a zone's clocks are ahead of UTC at an instant, milliseconds; undefined outside the calendar. */
export type ZoneOffset = (atMs: number) => number | undefined;

/** Whether a text names a time zone of the IANA data base. */
export function isTimezone(name: string): boolean {
  if (!ZONE_NAME.test(name)) return false;
  try {
    formatterOf(name);
    return true;
  } catch {
    // The platform throws a RangeError for a name it does not know.
    return false;
  }
}

/**
 * Prepares a zone's offset. Clocks change at a quarter of an hour, so the offset of the last quarter asked for is kept: a
 * policy's calls arrive in the order of time.
 */
export function zoneOffset(name: string | undefined): ZoneOffset {
  if (name === undefined || name === 'UTC') return UTC_OFFSET;
  const formatter = formatterOf(name);
  let quarter = Number.NaN;
  let offsetMs: number | undefined;
  return (atMs) => {
    const asked = Math.floor(atMs / QUARTER_MS);
    if (asked === quarter) return offsetMs;
    offsetMs = offsetAt(formatter, atMs);
    quarter = asked;
    return offsetMs;
  };
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const name = timeZone.toLowerCase();
  const known = FORMATTERS.get(name);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  FORMATTERS.set(name, made);
  return made;
}

function offsetAt(formatter: Intl.DateTimeFormat, atMs: number): number | undefined {
  const date = new Date(atMs);
  if (Number.isNaN(date.getTime())) return undefined;
  const text = formatter.formatToParts(date).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const parts = OFFSET.exec(text);
  if (parts === null) return undefined;
  const [, sign = '+', hours = '0', minutes = '0', seconds = '0'] = parts;
  const size = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
  return sign === '-' ? -size : size;
}
