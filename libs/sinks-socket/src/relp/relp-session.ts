import type { Socket } from 'node:net';

import { WatchedSocket } from '../connection/watched-socket.js';
import { encodeRelp, RelpReader, type RelpFrame } from './relp-frame.js';

/** What the receiver said of one frame. */
export type RelpAnswer = { readonly code: number; readonly text: string };

/**
 * One session of RELP version 0: `open` with offers, then commands, each answered by `rsp` under its number.
 *
 * An answer to a number that waits for none, and whatever is no RELP, ends the session: nothing it says can be believed then.
 */
export class RelpSession {
  private readonly waiting = new Map<number, (answer: RelpAnswer) => void>();
  private readonly reader = new RelpReader();
  private readonly socket: WatchedSocket;
  private last = 0;

  constructor(socket: Socket) {
    this.socket = new WatchedSocket(socket, (chunk) => this.hear(chunk));
  }

  /** Why it is of no more use; null while it is. */
  get lost(): string | null {
    return this.socket.lost;
  }

  onLost(act: () => void): () => void {
    return this.socket.onLost(act);
  }

  /** Makes the offers. Null once the receiver takes syslog, else the reason why there is no session. */
  async open(): Promise<string | null> {
    const answer = await this.ask('open', Buffer.from(OFFERS));
    if (answer === null) return this.lost ?? 'the connection was closed';
    if (answer.code !== 200) return `the receiver refuses a RELP session (${answer.code})`;
    return /^commands=(?:.*,)?syslog(?:,|$)/m.test(answer.text) ? null : 'the receiver takes no syslog by RELP';
  }

  /** Sends one command; comes back with the answer, or null when the session is lost before. */
  async ask(command: 'open' | 'syslog' | 'close', data: Uint8Array): Promise<RelpAnswer | null> {
    if (this.lost !== null) return null;
    this.last = this.last >= MAX_NUMBER ? 1 : this.last + 1;
    const number = this.last;
    return new Promise((resolve) => {
      const callOff = this.onLost(() => {
        this.waiting.delete(number);
        resolve(null);
      });
      this.waiting.set(number, (answer) => {
        callOff();
        resolve(answer);
      });
      void this.socket.write(encodeRelp(number, command, data));
    });
  }

  destroy(reason: string): void {
    this.socket.destroy(reason);
  }

  /** Says goodbye and ends, waiting `graceMs` at most. */
  async close(graceMs: number): Promise<void> {
    const patience = setTimeout(() => this.destroy('the receiver said no goodbye'), graceMs);
    await this.ask('close', Buffer.alloc(0));
    clearTimeout(patience);
    this.destroy('the session was closed');
  }

  private hear(chunk: Buffer): void {
    if (this.lost !== null) return;
    const read = this.reader.read(chunk);
    if (!read.ok) return this.destroy(read.refusal);
    for (const frame of read.value) this.take(frame);
  }

  private take({ number, command, data }: RelpFrame): void {
    if (command === 'serverclose') return this.destroy('the receiver closed the session');
    const answered = command === 'rsp' ? this.waiting.get(number) : undefined;
    const said = /^([0-9]{3})(?: |$)/.exec(data.toString('latin1', 0, 4));
    if (answered === undefined || said === null) return this.destroy('the receiver answered what was not asked');
    this.waiting.delete(number);
    answered({ code: Number(said[1]), text: data.toString('utf8') });
  }
}

const MAX_NUMBER = 999_999_999;
const OFFERS = 'relp_version=0\nrelp_software=sallyport\ncommands=syslog';
