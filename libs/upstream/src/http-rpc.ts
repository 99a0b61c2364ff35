import { ok, refuse, type Result, type Scheduler } from '@sallyport/kernel';
import { SseSplitter } from '@sallyport/mcp-protocol';

import type { HttpUpstream } from './http-upstream.js';
import { readAnswer, type RpcAnswer } from './rpc-answer.js';
import type { UpstreamCall, UpstreamErrorKind } from './upstream-call.js';

/** One message of ours to an HTTP server, and what its answer may cost. */
export interface RpcPost {
  readonly upstream: HttpUpstream;
  readonly method: 'POST' | 'DELETE';
  readonly headers: readonly string[];
  readonly body: Buffer | null;
  /** The id whose response is wanted; undefined: none is, the status is enough. */
  readonly id: number | undefined;
  /** Milliseconds for everything together. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly scheduler: Scheduler;
}

/** What came back: always the status, the response if there was one. */
export interface RpcReply {
  readonly status: number;
  readonly sessionId: string | undefined;
  readonly answer: RpcAnswer | undefined;
}

/** Sends one message and waits for its response, as JSON or on an event stream; not for the hot path. */
export function postRpc(post: RpcPost): Promise<Result<RpcReply, UpstreamErrorKind>> {
  return new Promise((resolve) => {
    const reader = new ReplyReader(post.id, post.maxBytes);
    let read = 0;
    const finish = (outcome: Result<RpcReply, UpstreamErrorKind>): void => {
      callOff();
      resolve(outcome);
    };
    const stop = (call: UpstreamCall, outcome: Result<RpcReply, UpstreamErrorKind>): false => {
      call.abort();
      finish(outcome);
      return false;
    };
    const callOff = post.scheduler.after(post.timeoutMs, () => stop(call, refuse('timeout')));
    const call = post.upstream.dispatch(requestOf(post), {
      onHeaders: (status, rawHeaders) => reader.begin(status, rawHeaders),
      onData: (chunk) => {
        read += chunk.length;
        if (read > post.maxBytes) return stop(call, refuse('too_large'));
        return reader.add(chunk) ? stop(call, ok(reader.reply())) : true;
      },
      onEnd: () => {
        reader.end();
        finish(ok(reader.reply()));
      },
      onError: (kind) => finish(refuse(kind)),
    });
  });
}

function requestOf(post: RpcPost) {
  const { method, body, timeoutMs } = post;
  return { method, path: post.upstream.url.path, headers: [...post.headers], body, headersTimeoutMs: timeoutMs, idleTimeoutMs: timeoutMs };
}

class ReplyReader {
  private status = 0;
  private sessionId: string | undefined;
  private isStream = false;
  private parts: Buffer[] = [];
  private answer: RpcAnswer | undefined;
  private readonly events: SseSplitter;

  constructor(
    private readonly id: number | undefined,
    maxBytes: number,
  ) {
    this.events = new SseSplitter(maxBytes);
  }

  begin(status: number, rawHeaders: readonly string[]): void {
    this.status = status;
    this.sessionId = headerOf(rawHeaders, 'mcp-session-id');
    this.isStream = /^text\/event-stream\b/i.test(headerOf(rawHeaders, 'content-type') ?? '');
  }

  /** True when nothing more is wanted, though a stream may go on. */
  add(chunk: Buffer): boolean {
    if (this.isStream) this.readEvents(chunk);
    else this.parts.push(chunk);
    return this.answer !== undefined;
  }

  end(): void {
    if (!this.isStream && this.id !== undefined) this.answer = readAnswer(Buffer.concat(this.parts), this.id);
  }

  reply(): RpcReply {
    return { status: this.status, sessionId: this.sessionId, answer: this.answer };
  }

  private readEvents(chunk: Buffer): void {
    const events = this.events.push(chunk);
    if (!events.ok || this.id === undefined) return; // no event is larger than all of them may be, and those are counted before
    for (const { data } of events.value) {
      if (data !== null) this.answer ??= readAnswer(data, this.id);
    }
  }
}

function headerOf(rawHeaders: readonly string[], wanted: string): string | undefined {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === wanted) return rawHeaders[at + 1];
  }
  return undefined;
}
