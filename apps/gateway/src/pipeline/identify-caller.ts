import type { EpochMs, Revision } from '@sallyport/kernel';
import { branded } from '@sallyport/kernel';

import type { GatewayCore } from '../gateway-core.js';
import { answer } from '../http/client-answer.js';
import { REFUSALS } from '../http/refusals.js';
import type { GrantBinding } from '../snapshot/grant-binding.js';
import type { Exchange } from './exchange.js';
import type { CredentialRefusal } from './identify-credential.js';

/** How long a request that names a minimum revision is held for it, milliseconds. */
export const HOLD_MS = 250;

/**
 * Whose request this is. Without a usable credential it is answered 401, and one for another server 404, whether that server
 * exists or not; before a worker has read its state for the first time, one it does not know is answered 503. All are counted, none
 * reaches the journal. A request that names a revision this worker has not applied is held for it first, so that a grant just issued
 * works at once.
 */
export function identifyCaller(core: GatewayCore, exchange: Exchange, slug: string | undefined): GrantBinding | undefined | Promise<GrantBinding | undefined> {
  const now = core.books.clock.now();
  const found = core.credentials.identify(exchange.headers.authorization, slug, now);
  const wanted = minRevisionOf(exchange);
  if (wanted === null || hasApplied(found, wanted)) return accepted(core, exchange, found, now);
  return held(core, () => hasApplied(identify(core, exchange, slug), wanted)).then(() => accepted(core, exchange, identify(core, exchange, slug), now));
}

/** The revision a request wants applied first; `null` when it names none. Anything but a whole number waits for ever: it is refused as stale. */
export function minRevisionOf(exchange: Exchange): Revision | null {
  const { minRevision } = exchange.headers;
  if (minRevision === null) return null;
  return branded<Revision>(/^\d{1,15}$/.test(minRevision) ? Number(minRevision) : Infinity);
}

function identify(core: GatewayCore, exchange: Exchange, slug: string | undefined): GrantBinding | CredentialRefusal {
  return core.credentials.identify(exchange.headers.authorization, slug, core.books.clock.now());
}

function hasApplied(found: GrantBinding | CredentialRefusal, wanted: Revision): boolean {
  if (found === 'unknown') return false;
  return typeof found === 'string' || found.organisation.revision >= wanted;
}

function held(core: GatewayCore, isReached: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      end();
      resolve();
    };
    const timer = setTimeout(finish, HOLD_MS);
    const end = core.store.onApplied(() => {
      if (isReached()) finish();
    });
    core.follower.nudge();
  });
}

function accepted(core: GatewayCore, exchange: Exchange, found: GrantBinding | CredentialRefusal, now: EpochMs): GrantBinding | undefined {
  if (typeof found !== 'string') {
    core.books.notes.signedIn(found, exchange.sourceIp, now);
    return found;
  }
  core.books.metrics?.credentialRefused(found);
  const entry = core.credentials.ownerOf(exchange.headers.authorization);
  const mayBeUnread = found === 'unknown' && entry === undefined && !core.follower.caughtUp;
  if (!mayBeUnread) core.failures.note({ source: exchange.sourceIp, reason: found === 'unknown' && entry !== undefined ? 'ended' : found, entry, at: now });
  answer(exchange.response, exchange.requestId, mayBeUnread ? REFUSALS.starting : refusalOf(found));
  return undefined;
}

function refusalOf(found: CredentialRefusal): (typeof REFUSALS)[keyof typeof REFUSALS] {
  if (found === 'other_server') return REFUSALS.unknown_server;
  return found === 'missing' ? REFUSALS.no_token : REFUSALS.bad_token;
}
