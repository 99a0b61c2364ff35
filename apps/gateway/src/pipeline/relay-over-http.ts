import { ResponseWatcher, SseSplitter, readResponse, readUpstreamMessage, type MessageSummary, type SseEvent } from '@sallyport/mcp-protocol';
import type { UpstreamCall } from '@sallyport/upstream';

import type { GatewayCore } from '../gateway-core.js';
import { AnswerReader, type AnswerFailure, type AnswerSink } from '../upstream/answer-reader.js';
import type { HttpWay } from '../upstream/http-targets.js';
import { postRequest } from '../upstream/upstream-request.js';
import type { AdmittedRequest } from './admit-request.js';
import type { AnswerFilter } from './answer-filter.js';
import { messageEvent } from './call-reply.js';
import type { PutOff } from './end-of-turn.js';
import { RelayedRequest } from './relayed-request.js';

/** Beside its data an event has few bytes. */
const EVENT_FIELDS_BYTES = 1_024;
/** Statuses about the gateway's own credential upstream; shown to a client they would be taken for its own. */
const ABOUT_CREDENTIALS: ReadonlySet<number> = new Set([401, 403, 407]);

/**
 * A request relayed to an upstream over HTTP: the client's bytes go out, the answer comes back as it is, a body as a body and a
 * stream event by event. What comes back is checked while it passes: exactly one response, to this request.
 */
export class HttpRelay extends RelayedRequest implements AnswerSink, PutOff {
  private readonly reader: AnswerReader;
  private call: UpstreamCall | undefined;
  private splitter: SseSplitter | undefined;
  private parts: ResponseWatcher | undefined;
  private withheld: Buffer | undefined;
  private whole: Buffer | undefined;
  private response: MessageSummary | undefined;
  private canResume = false;
  private stopAwaiting: (() => void) | undefined;

  constructor(core: GatewayCore, admitted: AdmittedRequest) {
    super(core, admitted);
    this.reader = new AnswerReader(this, admitted.request.kind.methodClass === 'listen' ? Infinity : core.limits.resultBytes);
  }

  /** Sends the request as soon as the pool has a connection for it. */
  send(way: HttpWay): void {
    const { request } = this.admitted;
    const { exchange, session, binding, body, kind } = request;
    const isLong = kind.methodClass === 'listen';
    if (this.filter !== null && session !== undefined) session.isFiltered = true;
    const forwarded = {
      way,
      exchange,
      upstreamSessionId: session?.terms.upstreamSessionId ?? null,
      timeoutMs: binding.server.timeoutMs,
      idleMs: isLong ? 0 : this.core.limits.streamIdleMs,
    };
    this.call = way.upstream.dispatch(postRequest(forwarded, body), this.reader);
    this.reader.call = this.call;
  }

  onWhole(body: Buffer): void {
    this.whole = body;
    this.core.answers.add(this);
  }

  /** Looks at a body that came whole, and answers with it. */
  atEndOfTurn(): void {
    if (this.whole !== undefined) this.takeWhole(this.whole);
  }

  private takeWhole(body: Buffer): void {
    if (this.isOver) return;
    const read = readResponse(this.admitted.request.id, body);
    if (!read.ok) return this.failed('foreign');
    const message = this.filter === null ? body : this.filter.pass(body);
    if (!Buffer.isBuffer(message)) return this.withhold(message);
    this.answered(read.value, 200);
    this.reply.message(message);
  }

  onPart(chunk: Buffer): boolean {
    if (this.filter !== null) {
      const passed = this.filter.passPart(chunk);
      if (passed === undefined) return true;
      if (!Buffer.isBuffer(passed)) {
        this.abort();
        this.withhold(passed);
        return true;
      }
    }
    this.parts ??= new ResponseWatcher(this.admitted.request.id);
    if (this.parts.feed(chunk) !== 'ok') {
      this.abort();
      this.failed('foreign');
      return true;
    }
    const { withheld } = this;
    this.withheld = chunk;
    return withheld === undefined || this.flows(this.reply.part(withheld));
  }

  onPartsEnd(): void {
    const held = this.filter?.heldBody();
    if (held !== undefined) return this.takeWhole(held);
    const read = this.parts?.end();
    if (read?.ok !== true) return this.failed('foreign');
    this.answered(read.value, 200);
    if (this.withheld !== undefined) this.reply.part(this.withheld);
    this.reply.end();
  }

  onStream(): boolean {
    const { resultBytes } = this.core.limits;
    this.splitter = new SseSplitter(this.filter === null ? resultBytes : Math.min(resultBytes, this.filter.maxBytes + EVENT_FIELDS_BYTES));
    return true;
  }

  onStreamData(chunk: Buffer): boolean {
    const split = this.splitter?.push(chunk);
    if (split?.ok !== true) {
      this.abort();
      if (this.filter !== null) this.withhold(this.filter.tooLarge);
      else this.failed('too_large');
      return true;
    }
    let wantsMore = true;
    for (const event of split.value) wantsMore = this.takeEvent(event) && wantsMore;
    return wantsMore || this.flows(false);
  }

  onStreamEnd(): void {
    if (this.response === undefined) return this.canResume ? this.leftOpen() : this.failed('reset');
    this.reply.end();
  }

  onAccepted(): void {
    this.failed('foreign');
  }

  onRefused(status: number, body: Buffer): void {
    const { id, session, kind } = this.admitted.request;
    const read = readResponse(id, body);
    if (read.ok && read.value.kind === 'error') {
      const message = this.filter === null ? body : this.filter.pass(body);
      if (!Buffer.isBuffer(message)) return this.withhold(message);
      this.answered(read.value, status);
      return this.reply.answer({ httpStatus: ABOUT_CREDENTIALS.has(status) ? 200 : status, body: message.toString('utf8') });
    }
    this.finish({ outcome: 'error', status: 'transport_error', httpStatus: status, rpcCode: null, resultBytes: 0, release: true });
    if (status !== 404 || session === undefined || session.terms.upstreamSessionId === null || kind.era === 'modern') {
      return this.broken(`The server refused the request with HTTP status ${status}.`);
    }
    this.core.sessions.end(session);
    this.reply.sessionEnded();
  }

  onFailed(failure: AnswerFailure): void {
    if (this.response === undefined) this.failed(failure);
    else this.reply.end();
  }

  protected abort(): void {
    this.reader.abort();
    this.stopAwaiting?.();
  }

  protected wasSent(): boolean {
    return this.call?.sent === true;
  }

  protected override get isInParts(): boolean {
    return this.parts !== undefined;
  }

  protected override unattended(): void {
    this.call?.resume();
  }

  private takeEvent(event: SseEvent): boolean {
    if (this.filter !== null) return event.data === null || event.data.length === 0 || this.takeFiltered(this.filter, event.data);
    if (event.id !== null && event.id !== '') this.canResume = true;
    if (event.data !== null && event.data.length > 0 && !this.takeMessage(event.data, event.data)) return true;
    if (this.reply.isGone || this.isOver && this.response === undefined) return true;
    return this.reply.event(event.raw);
  }

  /**
   * An event of a stream that rules look at goes on as a message alone, without the id by which the stream could be taken up again
   * elsewhere, past the rules.
   */
  private takeFiltered(filter: AnswerFilter, data: Buffer): boolean {
    if (this.isOver && this.response === undefined) return true;
    const message = filter.pass(data);
    if (!Buffer.isBuffer(message)) {
      this.abort();
      this.withhold(message);
      return true;
    }
    if (!this.takeMessage(data, message) || this.reply.isGone) return true;
    return this.reply.event(messageEvent(message));
  }

  /** Looks at one message of the stream, of which `passed` goes on; false when it ends the relay: a second response, or one to something else. */
  private takeMessage(data: Buffer, passed: Buffer): boolean {
    const read = readUpstreamMessage(data);
    const isResponse = read.ok && (read.value.kind === 'result' || read.value.kind === 'error');
    if (read.ok && !isResponse) {
      this.core.toolChanges.hear(this.admitted.request.binding, read.value.method);
      return this.response === undefined;
    }
    const own = read.ok ? readResponse(this.admitted.request.id, data) : read;
    if (!own.ok || this.response !== undefined) {
      this.abort();
      this.failed('foreign');
      if (this.response !== undefined) this.reply.end();
      return false;
    }
    this.response = own.value;
    this.answered(own.value, 200);
    if (this.reply.readsEvents) return true;
    this.reply.message(passed);
    return false;
  }

  /** The upstream closed a stream that can be taken up again: the answer will come there. */
  private leftOpen(): void {
    const { session } = this.admitted.request;
    if (session === undefined) return this.failed('reset');
    this.stopAwaiting = session.await(this.admitted.request.id, {
      answered: (summary) => this.answered(summary, 200),
      lost: () => this.finish({ outcome: 'error', status: 'transport_error', httpStatus: null, rpcCode: null, resultBytes: 0, release: false }),
    });
    this.reply.end();
  }

  /** Passes the client's back-pressure on to the upstream. */
  private flows(isReady: boolean): boolean {
    if (!isReady) this.reply.onDrain(() => this.call?.resume());
    return isReady;
  }
}
