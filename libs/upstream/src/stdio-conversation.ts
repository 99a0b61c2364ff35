import { isJsonObject, type JsonObject } from '@sallyport/kernel';

import type { StdioCall, StdioHandler } from './stdio-call.js';
import { onOneLine, StdioExchange, type StdioRequest } from './stdio-exchange.js';
import { readStdioLine, type StdioMessage } from './stdio-message.js';
import type { UpstreamErrorKind } from './upstream-call.js';

/** The way to a running, introduced process. */
export interface StdioPipe {
  /** Whether the kernel takes more at once. */
  readonly isWritable: boolean;
  write(message: Buffer): void;
}

interface Pending {
  readonly exchange: StdioExchange;
  sent: boolean;
}

/**
 * What is said between many clients and one process: requests out under ids of our own, one by one as the pipe takes them, and lines back to
 * whom they belong to. Ids are never used twice, so a late answer of an earlier process or of an aborted call finds nobody.
 */
export class StdioConversation {
  private readonly listeners = new Set<(message: Buffer) => void>();
  private readonly pending = new Map<number, Pending>();
  private readonly queue: Pending[] = [];
  private pipe: StdioPipe | undefined;
  private noise = 0;

  constructor(
    private nextId: number,
    private readonly maxInFlight: number,
  ) {}

  /** Lines since the start of the process that were no message for anyone. */
  get noiseLines(): number {
    return this.noise;
  }

  /** Takes a request; it leaves when there is a pipe with room. */
  request(request: StdioRequest, handler: StdioHandler): StdioCall {
    const pending: Pending = { exchange: new StdioExchange(this.nextId++, request, handler), sent: false };
    if (this.pending.size >= this.maxInFlight) handler.onError('pool_full');
    else this.enqueue(pending);
    return {
      get sent() {
        return pending.sent;
      },
      abort: () => this.abort(pending),
    };
  }

  /** Hears notifications that belong to no request in flight. */
  onNotification(listener: (message: Buffer) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A new process was started: the count of noise begins anew. */
  begin(): void {
    this.noise = 0;
  }

  /** The process introduced itself: requests may leave. */
  attach(pipe: StdioPipe): void {
    this.pipe = pipe;
    this.flush();
  }

  /** The process is gone: every request ends, as `reset` if it was sent. */
  detach(unsent: UpstreamErrorKind): void {
    this.pipe = undefined;
    const failed = [...this.pending.values()];
    this.pending.clear();
    this.queue.length = 0;
    for (const { exchange, sent } of failed) exchange.handler.onError(sent ? 'reset' : unsent);
  }

  /** Writes a message that waits for no answer; false without a pipe. */
  say(message: Buffer): boolean {
    this.pipe?.write(onOneLine(message));
    return this.pipe !== undefined;
  }

  /** Sends what waits while the pipe has room: each with its last word, in the step that writes. */
  flush(): void {
    while (this.pipe?.isWritable === true) {
      const next = this.queue.shift();
      if (next === undefined) return;
      if (this.pending.has(next.exchange.id)) this.send(next, this.pipe);
    }
  }

  /** Reads one line and passes it on. `opening` sees the responses while the process has not introduced itself. */
  take(line: Buffer, opening: ((value: JsonObject) => void) | undefined): void {
    const message = readStdioLine(line);
    if (message.kind === 'noise') this.noise += 1;
    else if (message.kind === 'notification') this.takeNotification(message.value, line);
    else if (message.kind === 'request') this.takeServerRequest(message, line);
    else if (opening !== undefined) opening(message.value);
    else this.takeResponse(message.value, line);
  }

  /** A line was thrown away. Whose it was can only be known when a single request is out. */
  takeOverlong(): void {
    this.noise += 1;
    const only = this.onlySent();
    if (only === undefined) return;
    this.pending.delete(only.exchange.id);
    only.exchange.handler.onError('too_large');
  }

  private enqueue(pending: Pending): void {
    this.pending.set(pending.exchange.id, pending);
    this.queue.push(pending);
    this.flush();
  }

  private send(pending: Pending, pipe: StdioPipe): void {
    const { exchange } = pending;
    if (exchange.handler.beforeSend?.() === false) {
      this.pending.delete(exchange.id);
      exchange.handler.onError('withdrawn');
      return;
    }
    pending.sent = true;
    pipe.write(exchange.bytes);
  }

  private abort(pending: Pending): void {
    const { id } = pending.exchange;
    if (!this.pending.delete(id) || !pending.sent) return;
    const params = { requestId: id };
    this.say(Buffer.from(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params })));
  }

  private takeResponse(value: JsonObject, line: Buffer): void {
    const pending = this.pendingOf(value['id']);
    if (pending === undefined) {
      this.noise += 1;
      return;
    }
    const response = pending.exchange.restoreId(line);
    this.pending.delete(pending.exchange.id);
    if (response === undefined) pending.exchange.handler.onError('unframeable');
    else pending.exchange.handler.onResponse(response);
  }

  private takeNotification(value: JsonObject, line: Buffer): void {
    const params = isJsonObject(value['params']) ? value['params'] : {};
    if (value['method'] === 'notifications/progress') {
      const exchange = this.pendingOf(params['progressToken'])?.exchange;
      return this.passOn(exchange, exchange?.restoreToken(line));
    }
    const meta = isJsonObject(params['_meta']) ? params['_meta'] : {};
    const subscription = meta['io.modelcontextprotocol/subscriptionId'];
    if (subscription !== undefined) {
      const exchange = this.pendingOf(subscription)?.exchange;
      return this.passOn(exchange, exchange?.restoreSubscription(line));
    }
    for (const listener of this.listeners) listener(line);
  }

  private passOn(exchange: StdioExchange | undefined, message: Buffer | undefined): void {
    if (exchange === undefined || message === undefined) this.noise += 1;
    else exchange.handler.onNotification?.(message);
  }

  private takeServerRequest(request: StdioMessage & { kind: 'request' }, line: Buffer): void {
    if (request.method === 'ping') return this.reply(`{"jsonrpc":"2.0","id":${request.id},"result":{}}`);
    const asked = this.onlySent()?.exchange.handler;
    if (asked?.onServerRequest !== undefined) return asked.onServerRequest(line);
    this.reply(`{"jsonrpc":"2.0","id":${request.id},"error":{"code":-32601,"message":"Method not found"}}`);
  }

  private reply(text: string): void {
    this.say(Buffer.from(text));
  }

  private onlySent(): Pending | undefined {
    const sent = [...this.pending.values()].filter((pending) => pending.sent);
    return sent.length === 1 ? sent[0] : undefined;
  }

  private pendingOf(id: unknown): Pending | undefined {
    const pending = typeof id === 'number' ? this.pending.get(id) : undefined;
    return pending?.sent === true ? pending : undefined;
  }
}
