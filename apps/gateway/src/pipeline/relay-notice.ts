import type { GatewayCore } from '../gateway-core.js';
import { answer } from '../http/client-answer.js';
import { REFUSALS, whole } from '../http/refusals.js';
import { AnswerReader, type AnswerFailure, type AnswerSink } from '../upstream/answer-reader.js';
import type { HttpWay } from '../upstream/http-targets.js';
import { postRequest } from '../upstream/upstream-request.js';
import { mayForward } from './may-forward.js';
import { clientOf, type PostedMessage } from './posted-message.js';

/**
 * Relays a notification or a client's response: no answer is owed but 202, and nothing of it is recorded. A cancellation ends the
 * request here as well; of an upstream over HTTP it is told too, because in the legacy era a lost connection says nothing to it.
 */
export function relayNotice(core: GatewayCore, message: PostedMessage): void {
  const { exchange, binding } = message;
  const { organisation, server } = binding;
  const closed = mayForward(core, binding);
  if (closed !== null) return answer(exchange.response, exchange.requestId, whole(403, `[POLICY DENIED] ${closed.message}`));
  const { frame } = message;
  if (frame.method === 'notifications/cancelled' && frame.cancelledId !== null) core.calls.cancel(clientOf(message), frame.cancelledId);
  if (server.upstream.kind === 'stdio') {
    core.stdioResponses.take(message);
    return answer(exchange.response, exchange.requestId, { status: 202 });
  }
  const way = core.ways.of(organisation, server);
  if (typeof way === 'string') return answer(exchange.response, exchange.requestId, REFUSALS.upstream_failed);
  new NoticeRelay(core, message).send(way);
}

class NoticeRelay implements AnswerSink {
  private readonly reader = new AnswerReader(this, Infinity);

  constructor(
    private readonly core: GatewayCore,
    private readonly message: PostedMessage,
  ) {}

  send(way: HttpWay): void {
    const { exchange, session, binding, body } = this.message;
    const { timeoutMs } = binding.server;
    const forwarded = { way, exchange, upstreamSessionId: session?.terms.upstreamSessionId ?? null, timeoutMs, idleMs: timeoutMs };
    this.reader.call = way.upstream.dispatch(postRequest(forwarded, body), this.reader);
  }

  maySend(): boolean {
    return mayForward(this.core, this.message.binding) === null;
  }

  onWhole(): void {
    this.onAccepted();
  }

  onStream(): boolean {
    this.onAccepted();
    return false;
  }

  onStreamData(): boolean {
    return true;
  }

  onStreamEnd(): void {}

  onAccepted(): void {
    this.reply({ status: 202 });
  }

  onRefused(status: number): void {
    const { session } = this.message;
    if (status !== 404 || session === undefined || session.terms.upstreamSessionId === null) return this.reply(whole(status < 500 ? 400 : 502, 'The server did not take the message.'));
    this.core.sessions.end(session);
    this.reply(REFUSALS.session_unknown);
  }

  onFailed(failure: AnswerFailure): void {
    if (failure === 'foreign') this.onAccepted();
    else this.reply(REFUSALS.upstream_failed);
  }

  private reply(own: Parameters<typeof answer>[2]): void {
    answer(this.message.exchange.response, this.message.exchange.requestId, own);
  }
}
