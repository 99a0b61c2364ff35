const LATEST_MS = 253_402_300_799_999;

/** An instant as audit events write it: RFC 3339 in UTC with six decimals, `2026-11-21T09:30:00.123456Z`. `epochMs` may carry a fraction; what is outside the years 1970 to 9999 is moved to their end. */
export function microTime(epochMs: number): string {
  const known = Number.isNaN(epochMs) ? 0 : Math.min(Math.max(epochMs, 0), LATEST_MS);
  const floor = Math.floor(known);
  const micros = Math.min(Math.round((known - floor) * 1_000), 999);
  return `${new Date(floor).toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}
