const LONGEST = 300;
const SHORTEST_SECRET = 4;
const CONTROL = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu;

/**
 * A sentence about a receiver as it may be kept and shown: one line, at most 300 characters, and none of the credentials, should one
 * have come back in an answer.
 */
export function safeReason(reason: string, credentials: readonly string[]): string {
  let safe = reason.slice(0, LONGEST * 20);
  for (const secret of credentials) if (secret.length >= SHORTEST_SECRET) safe = safe.replaceAll(secret, '<secret>');
  return safe.replace(CONTROL, ' ').slice(0, LONGEST);
}
