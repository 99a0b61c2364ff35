const SHORTEST_MS = 500;
const LONGEST_MS = 5 * 60_000;
const LEAST_MS = 50;
/** However long a receiver wants to be left alone, it is asked again after an hour. */
const LONGEST_ASKED_MS = 60 * 60_000;
/** A receiver that asks for more than a day does not mean it. */
const PLAUSIBLE_MS = 24 * 60 * 60_000;

/**
 * How long to wait after so many failures in a row: full jitter, from 0.5 s, doubling up to 5 min.
 *
 * @param random From 0 up to 1.
 * @param retryAfterMs What the receiver asked for: kept to if it is longer, up to an hour; one that is no time at all, or more than a day, is not heard.
 */
export function backOffMs(failures: number, random: number, retryAfterMs?: number): number {
  const most = Math.min(SHORTEST_MS * 2 ** Math.min(Math.max(failures - 1, 0), 30), LONGEST_MS);
  const own = Math.max(Math.floor(most * random), LEAST_MS);
  return Math.max(own, Math.min(askedMs(retryAfterMs), LONGEST_ASKED_MS));
}

function askedMs(retryAfterMs: number | undefined): number {
  if (retryAfterMs === undefined || !Number.isFinite(retryAfterMs)) return 0;
  return retryAfterMs > 0 && retryAfterMs <= PLAUSIBLE_MS ? retryAfterMs : 0;
}
