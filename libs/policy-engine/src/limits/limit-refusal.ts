import { instantOf } from '../conditions/utc-time.js';
import type { LimitAsk } from '../verdict.js';

const CONCURRENT_RETRY_MS = 1_000;

/**
 * What the caller is told when a limit refuses: the limit's own sentence, its name, and when it resets. Of calls in flight
 * nobody knows when one ends, so the caller may try again after a second.
 *
 * @param atMs When the call arrived, Unix milliseconds.
 * @param knownRetryAfterMs When some of the limit comes back, where the store knows; it does for sliding limits.
 * @returns `retryAfterMs`: whole milliseconds until the next window, at least 1.
 */
export function limitRefusal(ask: LimitAsk, atMs: number, knownRetryAfterMs?: number): { readonly message: string; readonly retryAfterMs: number } {
  if (ask.algorithm === 'concurrent') {
    return { message: `${ask.message} Limit "${ask.counter}" has room again when one of them ends.`, retryAfterMs: CONCURRENT_RETRY_MS };
  }
  const retryAfterMs = Math.max(1, Math.ceil(knownRetryAfterMs ?? ask.windowEndMs - atMs));
  const at = instantOf(knownRetryAfterMs === undefined ? ask.windowEndMs : atMs + retryAfterMs);
  const when = `in ${Math.ceil(retryAfterMs / 1_000)} s${at === undefined ? '' : `, at ${at}`}`;
  return { message: `${ask.message} Limit "${ask.counter}" resets ${when}.`, retryAfterMs };
}
