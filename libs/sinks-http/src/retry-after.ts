import type { EpochMs } from '@sallyport/kernel';

/** The longest wait that a receiver may ask for, milliseconds. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * Reads a `Retry-After` header: whole seconds or an HTTP date (RFC 9110, 10.2.3). Capped at an hour; a date that has passed is 0.
 *
 * @returns Milliseconds, or `undefined` for what is neither.
 */
export function retryAfterMs(header: string | undefined, now: EpochMs): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,10}$/.test(text)) return Math.min(Number(text) * 1_000, MAX_RETRY_AFTER_MS);
  if (!HTTP_DATE.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, at - now), MAX_RETRY_AFTER_MS);
}

/** `Date.parse` reads far more than HTTP dates. */
const HTTP_DATE = /^[A-Z][a-z]{2,8},? .*GMT$/;
