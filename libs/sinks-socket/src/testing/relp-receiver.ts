import type { Socket } from 'node:net';

import { encodeRelp, RelpReader, type RelpFrame } from '../relp/relp-frame.js';
import { LineReceiver } from './line-receiver.js';

/** A contract fake of a RELP receiver: answers `open` and `close`, and to a message whatever a test says. */
export class RelpReceiver {
  /** Ids of the events that it answered with 200, in order. */
  readonly taken: string[];
  /** How many messages came. */
  messages = 0;
  /** What it answers to the message of an event; null: nothing. */
  meet: (eventId: string) => string | null = () => '200 OK';
  private readonly readers = new Map<Socket, RelpReader>();

  private constructor(taken: readonly string[]) {
    this.taken = [...taken];
  }

  private lines: LineReceiver | null = null;

  /** @param taken What it has already. */
  static async open(port = 0, taken: readonly string[] = []): Promise<RelpReceiver> {
    const receiver = new RelpReceiver(taken);
    receiver.lines = await LineReceiver.open((chunk, socket) => receiver.read(chunk, socket), port);
    return receiver;
  }

  get port(): number {
    return this.lines?.port ?? 0;
  }

  /** Comes back once it holds. */
  async until(holds: () => boolean): Promise<void> {
    await this.lines?.until(holds);
  }

  /** Comes back when nobody is connected. */
  async unconnected(): Promise<void> {
    const open = this.lines?.connections.filter((socket) => !socket.closed) ?? [];
    await Promise.all(open.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }

  async close(): Promise<void> {
    await this.lines?.close();
  }

  private read(chunk: Buffer, socket: Socket): void {
    const reader = this.readers.get(socket) ?? new RelpReader();
    this.readers.set(socket, reader);
    const read = reader.read(chunk);
    for (const frame of read.ok ? read.value : []) this.answer(frame, socket);
  }

  private answer({ number, command, data }: RelpFrame, socket: Socket): void {
    const say = (text: string): void => void socket.write(encodeRelp(number, 'rsp', Buffer.from(text)));
    if (command === 'open') return say('200 OK\nrelp_version=0\nrelp_software=fake\ncommands=syslog');
    if (command === 'close') return say('');
    const eventId = / id="([^"]+)"/.exec(data.toString())?.[1] ?? '';
    this.messages += 1;
    const text = this.meet(eventId);
    if (text === null) return;
    if (text.startsWith('200')) this.taken.push(eventId);
    say(text);
  }
}
