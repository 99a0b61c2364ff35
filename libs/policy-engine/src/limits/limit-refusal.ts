import { instantOf } from '../conditions/utc-time.js';
import type { LimitAsk } from '../verdict.js';

/**
 * What the caller is told when a limit refuses: the limit's own sentence, its name, and when it resets.
 *
 * @param atMs When the call arrived, Unix milliseconds.
 * @returns `retryAfterMs`: whole milliseconds until the next window, at least 1.
 */
export function limitRefusal(ask: LimitAsk, atMs: number): { readonly message: string; readonly retryAfterMs: number } {
  const retryAfterMs = Math.max(1, Math.ceil(ask.windowEndMs - atMs));
  const at = instantOf(ask.windowEndMs);
  const when = `in ${Math.ceil(retryAfterMs / 1_000)} s${at === undefined ? '' : `, at ${at}`}`;
  return { message: `${ask.message} Limit "${ask.counter}" resets ${when}.`, retryAfterMs };
}
