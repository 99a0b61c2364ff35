import { SSE_KEEP_ALIVE, SseSplitter, readUpstreamMessage } from '@sallyport/mcp-protocol';
import type { UpstreamCall } from '@sallyport/upstream';

import type { GatewayCore } from '../gateway-core.js';
import { answer, openEventStream } from '../http/client-answer.js';
import { REFUSALS } from '../http/refusals.js';
import { messageEvent } from '../pipeline/call-reply.js';
import type { Exchange } from '../pipeline/exchange.js';
import { mayForward } from '../pipeline/may-forward.js';
import type { GrantBinding } from '../snapshot/grant-binding.js';
import type { ToolWatcher } from '../tools/tool-watchers.js';
import { AnswerReader, type AnswerSink } from '../upstream/answer-reader.js';
import { getRequest } from '../upstream/upstream-request.js';
import type { ClientSession, SessionStream } from './client-session.js';

/**
 * A client opens its session's own stream (GET, legacy), or takes one up again that broke off: the event id it names says which
 * one to the upstream alone. A stream carries what the upstream sends on it, event by event; a session's first carries the
 * gateway's own notice too when the visible tools change, and so stays open where the upstream has no such stream.
 */
export function openSessionStream(core: GatewayCore, exchange: Exchange, binding: GrantBinding): void {
  const { sessionId, protocolVersion } = exchange.headers;
  if (protocolVersion !== null && core.isModern(protocolVersion)) return answer(exchange.response, exchange.requestId, REFUSALS.modern_method);
  if (!exchange.acceptsEvents) return answer(exchange.response, exchange.requestId, REFUSALS.not_acceptable);
  if (sessionId === null) return answer(exchange.response, exchange.requestId, REFUSALS.no_session);
  const session = core.sessions.find(sessionId, binding.grant.grantId, core.books.clock.now());
  if (session === undefined) return answer(exchange.response, exchange.requestId, REFUSALS.session_unknown);
  if (session.isFiltered && exchange.headers.lastEventId !== null) return answer(exchange.response, exchange.requestId, REFUSALS.modern_method);
  if (mayForward(core, binding) !== null) return answer(exchange.response, exchange.requestId, REFUSALS.upstream_failed);
  const relay = new SessionStreamRelay(core, { exchange, binding, session });
  if (session.join(relay)) relay.start();
  else answer(exchange.response, exchange.requestId, REFUSALS.stream_taken);
}

interface StreamParts {
  readonly exchange: Exchange;
  readonly binding: GrantBinding;
  readonly session: ClientSession;
}

const TOOLS_CHANGED = messageEvent('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}');

class SessionStreamRelay implements SessionStream, AnswerSink, ToolWatcher {
  private readonly reader = new AnswerReader(this, Infinity);
  private readonly splitter: SseSplitter;
  private call: UpstreamCall | undefined;
  private stopListening: (() => void) | undefined;
  private stopWatching: (() => void) | undefined;
  private over = false;

  constructor(
    private readonly core: GatewayCore,
    private readonly parts: StreamParts,
  ) {
    this.splitter = new SseSplitter(core.limits.resultBytes);
  }

  get binding(): GrantBinding {
    return this.parts.binding;
  }

  get isResumed(): boolean {
    return this.parts.exchange.headers.lastEventId !== null;
  }

  /** Begins, once the session has taken it in. */
  start(): void {
    const { session, binding, exchange } = this.parts;
    exchange.response.once('close', () => this.leave());
    if (binding.server.upstream.kind === 'stdio') return this.startOnStdio();
    const way = this.core.ways.of(binding.organisation, binding.server);
    if (typeof way === 'string') return this.refuse(502);
    const { upstreamSessionId } = session.terms;
    if (upstreamSessionId === null) return this.open();
    const { timeoutMs } = binding.server;
    this.call = way.upstream.dispatch(getRequest({ way, exchange, upstreamSessionId, timeoutMs, idleMs: 0 }), this.reader);
    this.reader.call = this.call;
  }

  /** Writes an event, unless the client is gone. */
  push(event: Buffer): void {
    if (!this.over && this.parts.exchange.response.headersSent) this.parts.exchange.response.write(event);
  }

  keepAlive(): void {
    this.push(Buffer.from(SSE_KEEP_ALIVE));
  }

  /** Each message goes on one stream only. */
  toolsChanged(): void {
    const [first] = this.parts.session.streams;
    if (first === this) this.push(TOOLS_CHANGED);
  }

  end(): void {
    this.leave();
    this.parts.exchange.response.end();
  }

  maySend(): boolean {
    return mayForward(this.core, this.parts.binding) === null;
  }

  onStream(): boolean {
    this.open();
    return true;
  }

  onStreamData(chunk: Buffer): boolean {
    const split = this.splitter.push(chunk);
    if (!split.ok) {
      this.reader.abort();
      this.end();
      return true;
    }
    let wantsMore = true;
    for (const event of split.value) {
      const isAnswer = event.data !== null && this.hear(event.data);
      if (!this.over && !(isAnswer && this.parts.session.isFiltered)) wantsMore = this.parts.exchange.response.write(event.raw) && wantsMore;
    }
    if (!wantsMore) this.parts.exchange.response.once('drain', () => this.call?.resume());
    return wantsMore;
  }

  /** The upstream ended its stream: so does this one, and the client takes it up again if it wants to. */
  onStreamEnd(): void {
    this.end();
  }

  onWhole(): void {
    this.open();
  }

  onAccepted(): void {
    this.open();
  }

  onRefused(status: number): void {
    const { session } = this.parts;
    if (status === 404 && session.terms.upstreamSessionId !== null) {
      this.leave();
      this.core.sessions.end(session);
      return answer(this.parts.exchange.response, this.parts.exchange.requestId, REFUSALS.session_unknown);
    }
    if (this.isResumed || status === 409) return this.refuse(status);
    this.open();
  }

  onFailed(): void {
    if (this.parts.exchange.response.headersSent) this.end();
    else this.refuse(502);
  }

  private startOnStdio(): void {
    const { organisation, server } = this.parts.binding;
    this.stopListening = this.core.stdio.of(organisation, server.slug)?.onNotification((message) => this.passListChange(message));
    this.open();
  }

  /** Of a process that several clients share, only that a list changed is everybody's. */
  private passListChange(message: Buffer): void {
    const read = readUpstreamMessage(message);
    if (!read.ok || read.value.method?.endsWith('/list_changed') !== true) return;
    this.core.toolChanges.hear(this.parts.binding, read.value.method);
    this.push(messageEvent(message));
  }

  /** Whether it is a response, or cannot be read. */
  private hear(data: Buffer): boolean {
    const read = readUpstreamMessage(data);
    if (!read.ok) return true;
    const isAnswer = read.value.kind === 'result' || read.value.kind === 'error';
    if (isAnswer) this.parts.session.settle(read.value);
    else this.core.toolChanges.hear(this.parts.binding, read.value.method);
    return isAnswer;
  }

  /** Opens the stream towards the client; where the upstream has none it carries the gateway's own notices only. */
  private open(): void {
    const { exchange, session } = this.parts;
    openEventStream(exchange.response, exchange.requestId, { 'mcp-session-id': session.id });
    this.stopWatching ??= this.core.toolWatchers.watch(this);
  }

  private refuse(status: number): void {
    this.leave();
    const refusal = status === 405 ? REFUSALS.modern_method : status === 409 ? REFUSALS.stream_taken : REFUSALS.upstream_failed;
    answer(this.parts.exchange.response, this.parts.exchange.requestId, refusal);
  }

  private leave(): void {
    if (this.over) return;
    this.over = true;
    this.stopListening?.();
    this.stopWatching?.();
    this.reader.abort();
    this.parts.session.part(this);
  }
}
