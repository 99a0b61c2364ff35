import type { NetworkTarget, OutgoingBatch, OutgoingEvent, Delivery, Sink, SinkTools } from '@sallyport/sinks';

import { refusedConnection } from '../connection/refused-connection.js';
import { WatchedSocket } from '../connection/watched-socket.js';
import { octetFrame } from './octet-frame.js';
import { syslogMessage, type SyslogForm } from './syslog-message.js';

/** What a syslog sink is opened with. */
export interface SyslogSinkOptions {
  readonly target: NetworkTarget;
  readonly form: SyslogForm;
  /** How long a written batch is watched for the receiver's close before it is called delivered. */
  readonly settleMs: number;
}

/**
 * Sends frames down one connection. The receiver says nothing, so `delivered` means: this machine's system took the frames, and in the
 * `settleMs` after that the connection did not end. A connection that is found ended answers `unavailable` once, so that the cursor goes
 * back by `resendMs` before anything new is sent.
 */
export class SyslogSink implements Sink {
  private socket: WatchedSocket | null = null;
  private closed = false;

  constructor(
    private readonly options: SyslogSinkOptions,
    private readonly tools: Pick<SinkTools, 'network' | 'scheduler'>,
  ) {}

  async deliver(batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    if (this.closed) return { kind: 'unavailable', reason: 'the sink was closed' };
    const lost = this.dropLost();
    if (lost !== null) return { kind: 'unavailable', reason: `${lost} since the batch before; what went out last is sent again` };
    const connected = await this.connected(signal);
    return connected instanceof WatchedSocket ? this.send(connected, batch, signal) : connected;
  }

  preview(event: OutgoingEvent): string {
    return syslogMessage(event, this.options.form, false)?.toString() ?? TOO_LARGE;
  }

  async close(): Promise<void> {
    this.closed = true;
    const { socket } = this;
    this.socket = null;
    await socket?.end(CLOSE_GRACE_MS);
  }

  private async connected(signal: AbortSignal): Promise<WatchedSocket | Delivery> {
    if (this.socket !== null) return this.socket;
    const opened = await this.tools.network.connect(this.options.target, signal);
    if (!opened.ok) return signal.aborted ? OUT_OF_TIME : refusedConnection(opened.refusal);
    const socket = new WatchedSocket(opened.value);
    if (this.closed) socket.destroy('the sink was closed');
    this.socket = socket;
    return socket;
  }

  private async send(socket: WatchedSocket, batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    const abort = (): void => socket.destroy('there was no time left');
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    const rejected = await this.write(socket, batch);
    await this.settle(socket);
    signal.removeEventListener('abort', abort);
    const lost = this.dropLost();
    if (lost !== null) return { kind: 'unavailable', reason: lost };
    return rejected.length === 0 ? { kind: 'delivered' } : { kind: 'partly', rejected, again: [] };
  }

  /** In pieces, so that memory holds one piece beside what the system has taken. Answers which events are in no message that fits. */
  private async write(socket: WatchedSocket, { events, replay }: OutgoingBatch): Promise<readonly RejectedEvent[]> {
    const rejected: RejectedEvent[] = [];
    let piece: Buffer[] = [];
    let octets = 0;
    for (const [index, event] of events.entries()) {
      const message = syslogMessage(event, this.options.form, replay);
      if (message === null) {
        rejected.push({ index, reason: TOO_LARGE });
        continue;
      }
      const frame = octetFrame(message);
      piece.push(frame);
      octets += frame.length;
      if (octets < PIECE_OCTETS) continue;
      await socket.write(Buffer.concat(piece));
      if (socket.lost !== null) return rejected;
      piece = [];
      octets = 0;
    }
    if (piece.length > 0) await socket.write(Buffer.concat(piece));
    return rejected;
  }

  private async settle(socket: WatchedSocket): Promise<void> {
    if (socket.lost !== null) return;
    await new Promise<void>((resolve) => {
      const later = this.tools.scheduler.after(this.options.settleMs, () => {
        callOff();
        resolve();
      });
      const callOff = socket.onLost(() => {
        later();
        resolve();
      });
    });
  }

  /** Why the connection is of no more use; lets go of it then. */
  private dropLost(): string | null {
    const lost = this.socket?.lost ?? null;
    if (lost === null) return null;
    this.socket?.destroy(lost);
    this.socket = null;
    return lost;
  }
}

/** An event that goes out in no message of this form. */
export interface RejectedEvent {
  readonly index: number;
  readonly reason: string;
}

/** Why. */
export const TOO_LARGE = 'in this format the event is larger than max_octets: raise it, or choose native, and resend';
const OUT_OF_TIME: Delivery = { kind: 'unavailable', reason: 'there was no time left' };
const PIECE_OCTETS = 65_536;
const CLOSE_GRACE_MS = 1_000;
