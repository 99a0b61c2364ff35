import type { Socket } from 'node:net';

import type { HttpExchange } from '../http-exchange.js';
import type { UpstreamErrorKind } from '../upstream-call.js';
import type { AnswerHead } from './answer-head.js';
import { AnswerParser, type AnswerParts } from './answer-parser.js';
import type { CoarseClock } from './coarse-clock.js';

/** Whose connection it is. */
export interface ConnectionOwner {
  /** Its exchange is over and another one may follow, once the loop has looked at it again and nothing more came. */
  rests(connection: Connection): void;
  /** It carries nothing any more. */
  lost(connection: Connection): void;
}

/** A body up to this size goes out in one piece with its head, both as text of a character a byte: a buffer for them would cost more. */
const ONE_PIECE_BYTES = 16_384;
/** How long before the server's own limit an idle connection is left, milliseconds: a request that crosses its end is lost. */
const IDLE_MARGIN_MS = 1_000;
const NOTHING = Buffer.alloc(0);

/** One connection to an upstream, connected and verified: one exchange at a time, one answer to each. What comes unasked for ends it. */
export class Connection implements AnswerParts {
  private readonly parser = new AnswerParser();
  private exchange: HttpExchange | undefined;
  private isPaused = false;
  private isLost = false;
  private keepsOpen = true;
  private idleMs: number;
  private dueTick: number;
  private restingSince: number;

  /** @param keepAliveMs How long it is kept while it is idle. */
  constructor(
    private readonly socket: Socket,
    private readonly owner: ConnectionOwner,
    private readonly clock: CoarseClock,
    private readonly keepAliveMs: number,
  ) {
    this.idleMs = keepAliveMs;
    this.dueTick = clock.after(keepAliveMs);
    this.restingSince = clock.now;
    socket.on('data', this.read).on('end', this.ended).on('close', this.closed);
  }

  /** Whether a request may be written to it. */
  get isOpen(): boolean {
    return !this.isLost && this.socket.writable;
  }

  /** Whether it carried an exchange a moment ago; if not, the server may have ended it, and the loop not have seen that yet. */
  get isFresh(): boolean {
    return this.clock.now === this.restingSince;
  }

  /** Sends a request, unless it has been withdrawn: then nothing leaves, and false. */
  carry(exchange: HttpExchange): boolean {
    if (!exchange.begin(this)) return false;
    const { head, request } = exchange;
    this.exchange = exchange;
    this.dueTick = this.dueAfter(request.headersTimeoutMs);
    this.parser.expect(this);
    this.write(head, request.body ?? NOTHING);
    return true;
  }

  onHead(head: AnswerHead): void {
    const { exchange } = this;
    if (exchange === undefined) return;
    this.keepsOpen = head.keepsOpen;
    this.idleMs = head.idleMs === undefined ? this.keepAliveMs : Math.min(this.keepAliveMs, head.idleMs - IDLE_MARGIN_MS);
    exchange.onHead(head);
  }

  onBody(part: Buffer): boolean {
    return this.exchange?.onBody(part) === true;
  }

  /** Goes on reading after the exchange wanted no more. */
  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.read(NOTHING);
    if (!this.isPaused) this.socket.resume();
  }

  /** Ends it at once, whatever it carries; its exchange ends with `kind`. */
  cut(kind: UpstreamErrorKind): void {
    const { exchange } = this;
    this.leave();
    exchange?.fail(kind);
  }

  /** Ends it if something has taken too long, or if it was idle for long enough. A listener that wants no more is waited for. */
  tick(): void {
    if (!this.isPaused && this.clock.now >= this.dueTick) this.cut('timeout');
  }

  private dueAfter(ms: number): number {
    return ms === 0 ? Infinity : this.clock.after(ms);
  }

  private write(head: string, body: Buffer): void {
    const { socket } = this;
    if (body.length <= ONE_PIECE_BYTES) {
      socket.write(head + body.toString('latin1'), 'latin1');
      return;
    }
    socket.cork();
    socket.write(head, 'latin1');
    socket.write(body);
    socket.uncork();
  }

  private readonly read = (chunk: Buffer): void => {
    const { exchange } = this;
    if (exchange === undefined) return this.leave();
    this.judge(exchange, this.parser.push(chunk));
  };

  private judge(exchange: HttpExchange, state: ReturnType<AnswerParser['push']>): void {
    if (this.exchange !== exchange) return;
    if (state === 'done') return this.finish(exchange);
    if (state === 'malformed') return this.cut('reset');
    if (exchange.hasHead) this.dueTick = this.dueAfter(exchange.request.idleTimeoutMs);
    if (state === 'reading') return;
    this.isPaused = true;
    this.socket.pause();
  }

  private finish(exchange: HttpExchange): void {
    this.exchange = undefined;
    if (this.keepsOpen && this.idleMs > 0 && !this.parser.hasSurplus && this.isOpen && this.socket.writableLength === 0) {
      this.restingSince = this.clock.now;
      this.dueTick = this.clock.within(this.idleMs);
      this.owner.rests(this);
    } else {
      this.leave();
    }
    exchange.complete();
  }

  private readonly ended = (): void => {
    const { exchange } = this;
    if (exchange !== undefined) this.judge(exchange, this.parser.end());
    if (!this.isLost) this.cut('reset');
  };

  private readonly closed = (): void => {
    if (!this.isLost) this.cut('reset');
  };

  private leave(): void {
    if (this.isLost) return;
    this.isLost = true;
    this.exchange = undefined;
    this.socket.destroy();
    this.owner.lost(this);
  }
}
