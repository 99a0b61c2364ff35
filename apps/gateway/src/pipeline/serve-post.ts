import { classifyFrame, malformedAnswer, refusedFrame, scanFrame, type Answer, type Classified, type Frame, type Refusal } from '@sallyport/mcp-protocol';

import type { GatewayCore } from '../gateway-core.js';
import { answer } from '../http/client-answer.js';
import { REFUSALS, tooLarge } from '../http/refusals.js';
import type { ClientSession } from '../sessions/client-session.js';
import type { GrantBinding } from '../snapshot/grant-binding.js';
import { servedRevisions } from '../snapshot/served-revisions.js';
import type { PutOff } from './end-of-turn.js';
import type { Exchange } from './exchange.js';
import { readBody, type BodyRefusal } from './read-body.js';
import { recordMalformed } from './record-malformed.js';
import { routeMessage } from './route-message.js';

/**
 * One POST of a known caller. Each line is a step; a step that refuses has answered.
 *
 *   read body ─▶ end of turn ─▶ scan envelope ─▶ classify ─▶ find session ─▶ route by what the message is
 *    413 415                       400 413     400 404 −32020    400 404
 */
export function servePost(core: GatewayCore, exchange: Exchange, identified: GrantBinding): void {
  readBody(exchange, core.limits.requestBytes, (body) => core.bodies.add(new TakenBody(core, exchange, { identified, body })));
}

/** A request whose body was read to its end, or refused, until its turn comes. */
class TakenBody implements PutOff {
  constructor(
    private readonly core: GatewayCore,
    private readonly exchange: Exchange,
    private readonly taken: { readonly identified: GrantBinding; readonly body: Buffer | BodyRefusal },
  ) {}

  atEndOfTurn(): void {
    const { core, exchange } = this;
    const { identified, body } = this.taken;
    const served = Buffer.isBuffer(body) ? serveBody(core, exchange, { identified, body }) : refuseBody(core, exchange, { identified, refusal: body });
    if (served !== undefined) core.supervise(exchange, served);
  }
}

function serveBody(core: GatewayCore, exchange: Exchange, { identified, body }: { readonly identified: GrantBinding; readonly body: Buffer }): Promise<void> | undefined {
  const binding = core.bindings.of(identified.entry);
  if (binding === undefined) return void answer(exchange.response, exchange.requestId, REFUSALS.bad_token);
  const scanned = scanFrame(body, core.frameLimits, binding.lastMeta);
  if (!scanned.ok) return recordMalformed(core, { exchange, binding, frame: null }).then(() => reply(exchange, malformedAnswer(scanned.refusal)));
  const frame = scanned.value;
  const classified = classifyFrame(frame, exchange.headers, servedRevisions(binding.server));
  if (!classified.ok) return refuseFrame(core, { exchange, binding, frame }, classified.refusal);
  const session = sessionOf(core, exchange, { binding, kind: classified.value });
  if (typeof session === 'string') return void answer(exchange.response, exchange.requestId, REFUSALS[session]);
  const id = frame.kind === 'request' ? frame.id : null;
  return routeMessage(core, { exchange, binding, frame, body, kind: classified.value, session, id });
}

/** Answers, and records, a body that cannot be taken. */
async function refuseBody(core: GatewayCore, exchange: Exchange, { identified, refusal }: { readonly identified: GrantBinding; readonly refusal: BodyRefusal }): Promise<void> {
  await recordMalformed(core, { exchange, binding: identified, frame: null });
  answer(exchange.response, exchange.requestId, refusal === 'too_large' ? tooLarge(core.limits.requestBytes) : REFUSALS[refusal]);
}

async function refuseFrame(core: GatewayCore, refused: { readonly exchange: Exchange; readonly binding: GrantBinding; readonly frame: Frame }, refusal: Refusal): Promise<void> {
  if (refused.frame.kind === 'request' && refusal.reason !== 'unsupported_version') await recordMalformed(core, refused);
  reply(refused.exchange, refusedFrame(refused.frame.id, refusal));
}

function reply(exchange: Exchange, own: Answer): void {
  answer(exchange.response, exchange.requestId, { status: own.httpStatus, body: own.body });
}

/** The legacy session a message belongs to. A server that is known to keep sessions takes nothing but `initialize` without one. */
function sessionOf(core: GatewayCore, exchange: Exchange, { binding, kind }: { readonly binding: GrantBinding; readonly kind: Classified }): ClientSession | undefined | 'no_session' | 'session_unknown' {
  if (kind.era === 'modern' || kind.methodClass === 'initialize') return undefined;
  const { sessionId } = exchange.headers;
  if (sessionId === null) return core.introductions.keepsSessions(binding.server) ? 'no_session' : undefined;
  return core.sessions.find(sessionId, binding.grant.grantId, core.books.clock.now()) ?? 'session_unknown';
}
