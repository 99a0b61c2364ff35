import { isIP, type Socket } from 'node:net';

import { buildConnector } from 'undici';

import type { EgressGuard, EgressScope, GuardedUrl } from './egress-guard.js';
import { UpstreamError } from './error-kind.js';

/** Who to connect to, for whom, and what decides whether that is allowed. */
export interface HttpTarget {
  readonly guard: EgressGuard;
  readonly url: GuardedUrl;
  readonly scope: EgressScope;
}

/**
 * Connects for an undici pool: resolves the host itself, lets every address pass the guard, connects to the one that was pinned, and looks at the
 * peer it got. undici's own `lookup` hook would not do: it is not called for address literals.
 */
export function guardedConnector(target: HttpTarget, timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, allowH2: false });
  const servername = isIP(target.url.hostname) === 0 ? target.url.hostname : '';
  return (options, callback) => {
    void pinInTime(target, timeoutMs).then((pinned) => {
      if (pinned instanceof UpstreamError) return callback(pinned, null);
      connect({ ...options, hostname: pinned, servername }, (error, socket) => {
        if (error !== null) return callback(error, null);
        return admit(target, pinned, socket) ? callback(null, socket) : callback(new UpstreamError('egress'), null);
      });
    });
  };
}

/** The address to connect to. A resolver that never answers costs no more than a host that never does. */
async function pinInTime(target: HttpTarget, timeoutMs: number): Promise<string | UpstreamError> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<UpstreamError>((resolve) => {
    timer = setTimeout(() => resolve(new UpstreamError('timeout')), timeoutMs);
  });
  const pinned = await Promise.race([target.guard.pin(target.url, target.scope), late]);
  clearTimeout(timer);
  if (pinned instanceof UpstreamError) return pinned;
  if (pinned.ok) return pinned.value;
  return new UpstreamError(pinned.refusal.code === 'unresolvable' ? 'refused' : 'egress');
}

function admit(target: HttpTarget, pinned: string, socket: Socket): boolean {
  const accepted = target.guard.acceptsPeer(target.url, target.scope, { pinned, connected: socket.remoteAddress });
  if (!accepted) socket.destroy();
  return accepted;
}
