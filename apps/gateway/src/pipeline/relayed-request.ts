import { RPC_CODES, resultBody, rpcError, type MessageSummary, type RpcId } from '@sallyport/mcp-protocol';

import type { GatewayCore } from '../gateway-core.js';
import type { AnswerFailure } from '../upstream/answer-reader.js';
import type { AdmittedRequest } from './admit-request.js';
import { denialAnswer } from './answer-denial.js';
import type { AnswerFilter } from './answer-filter.js';
import { CallReply, messageEvent, type ReplyOwner } from './call-reply.js';
import type { TimedCall } from './calls-in-flight.js';
import { ownDenial, type Denial } from './decision.js';
import { listenedFor } from './listened-for.js';
import { mayForward } from './may-forward.js';
import type { CallEnding } from './open-call.js';
import { clientOf } from './posted-message.js';

/** Failures in which nothing was handed to the upstream: the call is a refusal, and counts against no limit. */
const UNSENT: ReadonlySet<AnswerFailure> = new Set<AnswerFailure>(['refused', 'tls', 'egress', 'pool_full', 'unframeable', 'withdrawn', 'closed']);

/** What every relayed request has, whatever its transport: the last look, one ending with its record, and its answer. */
export abstract class RelayedRequest implements TimedCall, ReplyOwner {
  readonly deadlineMs: number;
  place = -1;
  protected readonly reply: CallReply;
  private readonly stopWatching: (() => void) | undefined;
  private withdrawal: Denial | null = null;
  private over = false;

  constructor(
    protected readonly core: GatewayCore,
    protected readonly admitted: AdmittedRequest,
  ) {
    const { request } = admitted;
    const { server } = request.binding;
    const callMs = Math.max(server.timeoutMs, core.limits.callTimeoutMs);
    this.deadlineMs = request.kind.methodClass === 'listen' ? Infinity : core.books.clock.monotonicMs() + callMs;
    this.reply = new CallReply(request.exchange, this);
    core.calls.watch(this);
    if (request.kind.methodClass === 'listen') this.stopWatching = this.watchTools();
  }

  /** Gives up the request at the upstream. */
  protected abstract abort(): void;

  /** Whether the upstream may have seen the request. */
  protected abstract wasSent(): boolean;

  /** The last word before bytes leave. */
  maySend(): boolean {
    this.withdrawal = mayForward(this.core, this.admitted.request.binding);
    if (this.withdrawal !== null) return false;
    this.admitted.open?.sending();
    return true;
  }

  onDeadline(): void {
    if (this.over) return;
    if (this.admitted.request.kind.methodClass === 'listen') return this.endListening();
    this.abort();
    this.failed('timeout');
  }

  isCancelledBy(client: string, id: RpcId): boolean {
    const { request } = this.admitted;
    return request.kind.era === 'legacy' && request.id === id && clientOf(request) === client;
  }

  onCancelled(): void {
    if (this.over) return;
    this.giveUp();
    if (this.reply.readsEvents && !this.isInParts) this.reply.end();
    else this.broken('The request was cancelled.');
  }

  /** The rules about the answer; `null` where there are none. */
  protected get filter(): AnswerFilter | null {
    return this.admitted.filter;
  }

  /** The upstream answered, and a rule withholds the answer: the call counts, the client learns of the rule. */
  protected withhold(denial: Denial): void {
    if (this.over) return;
    const { request, decisionId, filter } = this.admitted;
    this.finish({
      outcome: 'denied',
      reasonCode: denial.reasonCode,
      status: 'ok',
      httpStatus: 200,
      rpcCode: null,
      resultBytes: 0,
      release: false,
      ...(filter === null ? {} : { told: filter.told(denial.ruleId) }),
    });
    this.reply.refuse(denialAnswer(request, denial, decisionId));
  }

  /** The upstream answered with one message; `httpStatus` is what it came with. */
  protected answered(summary: MessageSummary, httpStatus: number): void {
    const { filter } = this.admitted;
    if (filter === null) return this.finish(endingOf(summary, httpStatus));
    this.finish({ ...endingOf(summary, httpStatus), told: filter.told() });
  }

  /** No usable answer came: the client is told so in its own protocol, without a word from the network. */
  protected failed(failure: AnswerFailure): void {
    if (this.over) return;
    if (UNSENT.has(failure) || !this.wasSent()) return this.refused(this.withdrawal ?? ownDenial('server_unavailable'));
    const status = failure === 'timeout' ? 'timeout' : failure === 'aborted' ? 'cancelled' : 'transport_error';
    this.finish({ outcome: 'error', status, httpStatus: null, rpcCode: null, resultBytes: 0, release: false });
    this.broken(failure === 'timeout' ? 'The server did not answer in time.' : 'The server did not answer properly.');
  }

  /** The request never left: a refusal, recorded as every one is before its client learns of it. */
  private refused(denial: Denial): void {
    const { request, decisionId, waved } = this.admitted;
    this.finish({ outcome: 'denied', reasonCode: denial.reasonCode, status: 'not_called', httpStatus: null, rpcCode: null, resultBytes: 0, release: true });
    const told = denialAnswer(request, denial, decisionId);
    if (waved === null) this.reply.refuse(told);
    else this.core.supervise(request.exchange, waved.keepRefusal(denial).then(() => this.reply.refuse(told)));
  }

  /** Sends the client an error of the gateway's own about its upstream. */
  protected broken(message: string): void {
    const { id, kind } = this.admitted.request;
    this.reply.answer(rpcError({ id, era: kind.era }, { code: RPC_CODES.upstreamFailed, message }));
  }

  /** Ends the books of this request; only the first ending counts. */
  protected finish(ending: CallEnding): void {
    if (this.over) return;
    this.over = true;
    this.stopWatching?.();
    this.core.calls.unwatch(this);
    this.core.calls.leave(this.admitted.request.binding.identity.identityId);
    this.admitted.open?.end(ending);
  }

  protected get isOver(): boolean {
    return this.over;
  }

  /** A listening client hears from the gateway too when the tools it may see change, if it asked for that. */
  private watchTools(): () => void {
    const { binding, id, body } = this.admitted.request;
    const { toolsListChanged: wanted } = listenedFor(body);
    return this.core.toolWatchers.watch({
      binding,
      toolsChanged: () => {
        if (wanted && this.reply.isStreaming) this.reply.event(toolsChangedEvent(id));
      },
      end: () => this.endListening(),
    });
  }

  private endListening(): void {
    this.abort();
    this.finish({ outcome: 'allowed', status: 'ok', httpStatus: 200, rpcCode: null, resultBytes: 0, release: false });
    this.reply.message(resultBody(this.admitted.request.id, '{"resultType":"complete"}'));
  }

  /** Whether a JSON body is under way in parts, which nothing else can follow. */
  protected get isInParts(): boolean {
    return false;
  }

  /** The client left and the call runs on: nothing holds the upstream back any more. */
  protected unattended(): void {}

  /** A modern client cancels by hanging up; a legacy one only loses its stream, and the call runs on until it says otherwise. */
  clientGone(): void {
    if (this.over) return;
    if (this.admitted.request.kind.era === 'legacy') return this.unattended();
    this.giveUp();
  }

  /** Nobody wants the answer any more: what the upstream may have seen counts as called. */
  private giveUp(): void {
    const sent = this.wasSent();
    this.abort();
    this.finish(
      sent
        ? { outcome: 'error', status: 'cancelled', httpStatus: null, rpcCode: null, resultBytes: 0, release: false }
        : { outcome: 'denied', reasonCode: 'server_unavailable', status: 'not_called', httpStatus: null, rpcCode: null, resultBytes: 0, release: true },
    );
  }
}

function endingOf(summary: MessageSummary, httpStatus: number): CallEnding {
  const isError = summary.kind === 'error';
  return {
    outcome: 'allowed',
    status: isError ? 'rpc_error' : summary.isError ? 'tool_error' : 'ok',
    httpStatus,
    rpcCode: summary.errorCode,
    resultBytes: summary.bytes,
    release: isError,
  };
}

function toolsChangedEvent(subscription: RpcId): Buffer {
  return messageEvent(`{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":${subscription}}}}`);
}
