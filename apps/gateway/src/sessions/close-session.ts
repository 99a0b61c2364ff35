import type { UpstreamHandler } from '@sallyport/upstream';

import type { GatewayCore } from '../gateway-core.js';
import { answer } from '../http/client-answer.js';
import { REFUSALS } from '../http/refusals.js';
import type { Exchange } from '../pipeline/exchange.js';
import type { GrantBinding } from '../snapshot/grant-binding.js';
import { deleteRequest } from '../upstream/upstream-request.js';
import type { ClientSession } from './client-session.js';

/** A client ends its session: gone here at once, and at the upstream when it listens. */
export function closeSession(core: GatewayCore, exchange: Exchange, binding: GrantBinding): void {
  const { sessionId } = exchange.headers;
  if (sessionId === null) return answer(exchange.response, exchange.requestId, REFUSALS.no_session);
  const session = core.sessions.find(sessionId, binding.grant.grantId, core.books.clock.now());
  if (session === undefined) return answer(exchange.response, exchange.requestId, REFUSALS.session_unknown);
  core.sessions.end(session);
  answer(exchange.response, exchange.requestId, { status: 204 });
}

/** Tells the upstream that a session is over. Nobody waits: an upstream that does not hear it times the session out. */
export function endUpstreamSession(core: Pick<GatewayCore, 'ways'>, session: ClientSession): void {
  const { binding, upstreamSessionId, protocolVersion } = session.terms;
  if (upstreamSessionId === null || binding.server.upstream.kind !== 'http') return;
  const way = core.ways.of(binding.organisation, binding.server);
  if (typeof way === 'string') return;
  way.upstream.dispatch(deleteRequest(way, { upstreamSessionId, protocolVersion }, FAREWELL_MS), NOBODY);
}

const FAREWELL_MS = 2_000;
const NOBODY: UpstreamHandler = {
  onHeaders: () => undefined,
  onData: () => true,
  onEnd: () => undefined,
  onError: () => undefined,
};
