import type { Delivery } from '@sallyport/sinks';

import type { S3Answer } from './s3-client.js';

/** What an answer other than 200 comes to. Only the service's code is told on; its message may hold names and addresses. */
export function s3Refusal(answer: S3Answer, nowMs: number): Delivery {
  const { status } = answer;
  const code = codeOf(answer.body);
  const reason = `the object store answered ${status}${code === '' ? '' : ` ${code}`}`;
  if (status === 401 || NO_ENTRY.has(code)) return { kind: 'paused', cause: 'auth', reason, advice: WITH_KEYS };
  if (PASSING.has(code) || status === 408 || status === 429 || status >= 500) return { kind: 'unavailable', reason, ...retryAfter(answer, nowMs) };
  if (status === 403) return { kind: 'paused', cause: 'auth', reason, advice: WITH_KEYS };
  if (status >= 300 && status < 400) return { kind: 'paused', cause: 'config', reason, advice: 'Redirects are not followed: write the endpoint and region that the bucket has, and resume.' };
  if (status === 404) return { kind: 'paused', cause: 'config', reason, advice: 'Make the bucket, or change bucket, endpoint or style, and resume.' };
  if (status === 413 || code === 'EntityTooLarge') return { kind: 'unfit', reason };
  return { kind: 'paused', cause: 'config', reason, advice: 'Look up the code in the object store’s documentation, change the settings or the bucket, and resume.' };
}

function codeOf(body: Buffer): string {
  return /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(body.toString('latin1'))?.[1] ?? '';
}

function retryAfter({ headers }: S3Answer, nowMs: number): { readonly retryAfterMs?: number } {
  const given = headers['retry-after'];
  if (typeof given !== 'string') return {};
  const seconds = /^[0-9]{1,6}$/.test(given) ? Number(given) * 1_000 : Date.parse(given) - nowMs;
  return Number.isFinite(seconds) && seconds >= 0 ? { retryAfterMs: seconds } : {};
}

const WITH_KEYS = 'Give keys that may put objects under the prefix, and resume.';
/** Codes that say who one is, whatever status they come with. */
const NO_ENTRY: ReadonlySet<string> = new Set(['AccessDenied', 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'ExpiredToken', 'InvalidToken', 'AccountProblem']);
/** Codes that pass by themselves, though their status says otherwise. */
const PASSING: ReadonlySet<string> = new Set(['RequestTimeTooSkewed', 'RequestTimeout', 'SlowDown', 'OperationAborted', 'BadDigest', 'XAmzContentChecksumMismatch', 'ConditionalRequestConflict', 'IncompleteBody']);
