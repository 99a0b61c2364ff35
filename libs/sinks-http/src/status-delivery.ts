import type { Delivery } from '@sallyport/sinks';

import type { HttpAnswer } from './http-client.js';

/** What a person is told to do where the receiver's answer calls for one. */
export interface StatusAdvice {
  /** For 401 and 403. */
  readonly auth: string;
  /** For 404 and 405. */
  readonly address: string;
}

/**
 * What an HTTP status means where the receiver has no rule of its own: 2xx is delivered, 401 and 403 wait for a credential, 404, 405 and permanent
 * redirects for another address, 408, 425, 429 and 5xx for later, every other 4xx is the batch's fault.
 */
export function statusDelivery(answer: HttpAnswer, advice: StatusAdvice): Delivery {
  const { status } = answer;
  const said = `The receiver answered HTTP ${status}`;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 401 || status === 403) return { kind: 'paused', cause: 'auth', reason: `${said}: it does not accept the credential.`, advice: advice.auth };
  if (status === 404 || status === 405) return { kind: 'paused', cause: 'config', reason: `${said}: nothing takes events at this address.`, advice: advice.address };
  if (status === 301 || status === 308) return { kind: 'paused', cause: 'config', reason: `${said}: it has moved.`, advice: MOVED };
  if (status >= 300 && status < 400) return later(answer, `${said}. ${MOVED}`);
  if (status >= 400 && status < 500 && !AGAIN.has(status)) return { kind: 'unfit', reason: `${said}.` };
  return later(answer, `${said}.`);
}

/** The same batch again, not before the receiver wants it. */
export function later(answer: HttpAnswer, reason: string): Delivery {
  return { kind: 'unavailable', reason, ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }) };
}

const AGAIN: ReadonlySet<number> = new Set([408, 425, 429]);
const MOVED = 'Redirects are never followed: give the address that the receiver redirects to.';
