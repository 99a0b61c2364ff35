import type { Socket } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { anOutgoingBatch } from '../testing/an-outgoing-batch.js';
import { LineReceiver } from '../testing/line-receiver.js';
import { LoopbackNetwork } from '../testing/loopback-network.js';
import { sinkTools } from '../testing/sink-tools.js';
import { encodeRelp, RelpReader, type RelpFrame } from './relp-frame.js';
import { relpSinkType } from './relp-sink-type.js';

const NEVER = new AbortController().signal;
const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const act of undo.splice(0)) await act();
});

type Meet = (frame: RelpFrame, answer: (text: string, number?: number) => void, socket: Socket) => void;

/** A contract fake of a RELP receiver: answers `open` and `close`, and to a message whatever a test says. */
async function receiving(meet: Meet): Promise<{ receiver: LineReceiver; messages: string[] }> {
  const readers = new Map<Socket, RelpReader>();
  const messages: string[] = [];
  const receiver = await LineReceiver.open((chunk, socket) => {
    const reader = readers.get(socket) ?? new RelpReader();
    readers.set(socket, reader);
    const read = reader.read(chunk);
    for (const frame of read.ok ? read.value : []) {
      const answer = (text: string, number = frame.number): void => void socket.write(encodeRelp(number, 'rsp', Buffer.from(text)));
      if (frame.command === 'open') answer('200 OK\nrelp_version=0\nrelp_software=fake\ncommands=syslog');
      else if (frame.command === 'close') answer('');
      else {
        messages.push(frame.data.toString('utf8'));
        meet(frame, answer, socket);
      }
    }
  });
  undo.push(() => receiver.close());
  return { receiver, messages };
}

function opened(port: number, over: Record<string, number> = {}, after?: (delayMs: number, run: () => void) => () => void): { sink: ReturnType<typeof relpSinkType.open>; network: LoopbackNetwork } {
  const network = new LoopbackNetwork();
  const configuration = { settings: { host: '127.0.0.1', port, transport: 'tcp', ...over }, credentials: {}, format: 'native' as const, formatVersion: null };
  const sink = relpSinkType.open(configuration, sinkTools(network, after === undefined ? {} : { scheduler: { after } }));
  undo.push(() => sink.close(), () => network.end());
  return { sink, network };
}

/** A scheduler whose time comes when a test says. */
function patience(): { after: (delayMs: number, run: () => void) => () => void; runOut: () => void } {
  const waiting = new Set<() => void>();
  return {
    after: (_delayMs, run) => {
      waiting.add(run);
      return () => void waiting.delete(run);
    },
    runOut: () => waiting.forEach((run) => run()),
  };
}

describe('a RELP sink', () => {
  it('delivers what was acknowledged frame by frame, never with more than its window open', async () => {
    let open = 0;
    let most = 0;
    const { receiver, messages } = await receiving((_frame, answer) => {
      open += 1;
      most = Math.max(most, open);
      setImmediate(() => {
        open -= 1;
        answer('200 OK');
      });
    });
    const { sink } = opened(receiver.port, { window: 7 });
    const batch = anOutgoingBatch(200);
    expect(await sink.deliver(batch, NEVER)).toEqual({ kind: 'delivered' });
    expect(messages.map((message) => message.slice(message.indexOf('{')))).toEqual(batch.events.map(({ stored }) => stored.line));
    expect(most).toBeLessThanOrEqual(7);
  });

  it('sends again only what had no answer when the session ended, over a new one', async () => {
    let taken = 0;
    const { receiver, messages } = await receiving((_frame, answer, socket) => {
      taken += 1;
      if (taken === 40) socket.resetAndDestroy();
      else answer('200 OK');
    });
    const { sink } = opened(receiver.port, { window: 1 });
    const delivery = await sink.deliver(anOutgoingBatch(100), NEVER);
    expect(delivery).toMatchObject({ kind: 'partly', rejected: [], reason: expect.stringContaining('connection') });
    const again = delivery.kind === 'partly' ? delivery.again : [];
    expect(again).toEqual(Array.from({ length: 61 }, (_, index) => index + 39));
    const batch = anOutgoingBatch(100);
    expect(await sink.deliver({ ...batch, events: again.flatMap((index) => batch.events[index] ?? []) }, NEVER)).toEqual({ kind: 'delivered' });
    expect(new Set(messages).size).toBe(100);
  });

  it('names the event that the receiver refuses', async () => {
    const { receiver } = await receiving((frame, answer) => answer(frame.data.includes('seq="3"') ? '500 no' : '200 OK'));
    const { sink } = opened(receiver.port);
    expect(await sink.deliver(anOutgoingBatch(5), NEVER)).toEqual({ kind: 'partly', rejected: [{ index: 2, reason: 'the receiver refuses it (RELP 500)' }], again: [] });
  });

  it('names the event that is in no message of its format, and sends the others', async () => {
    const { receiver, messages } = await receiving((_frame, answer) => answer('200 OK'));
    const settings = { host: '127.0.0.1', port: receiver.port, transport: 'tcp' };
    const sink = relpSinkType.open({ settings, credentials: {}, format: 'ocsf', formatVersion: null }, sinkTools(new LoopbackNetwork()));
    undo.push(() => sink.close());
    const batch = anOutgoingBatch(3, (seq) => (seq === 2 ? { request: { args_excerpt: 'x'.repeat(9_000) } } : {}));
    expect(await sink.deliver(batch, NEVER)).toEqual({ kind: 'partly', again: [], rejected: [{ index: 1, reason: expect.stringContaining('larger than max_octets') }] });
    expect(messages.map((message) => / seq="([0-9]+)"/.exec(message)?.[1])).toEqual(['1', '3']);
  });

  it('gives up a receiver that takes frames and acknowledges none', async () => {
    const { receiver, messages } = await receiving(() => undefined);
    const { after, runOut } = patience();
    const { sink } = opened(receiver.port, {}, after);
    const delivery = sink.deliver(anOutgoingBatch(5), NEVER);
    await receiver.until(() => messages.length === 5);
    runOut();
    expect(await delivery).toEqual({ kind: 'unavailable', reason: 'the receiver does not acknowledge' });
  });

  it.each([
    ['a number that nobody waits for', (answer: (text: string, number?: number) => void) => answer('200 OK', 999)],
    ['an answer without a code', (answer: (text: string, number?: number) => void) => answer('fine')],
  ])('believes nothing of a receiver that gives %s', async (_what, say) => {
    const { receiver } = await receiving((_frame, answer) => say(answer));
    const { sink } = opened(receiver.port);
    expect(await sink.deliver(anOutgoingBatch(3), NEVER)).toEqual({ kind: 'unavailable', reason: 'the receiver answered what was not asked' });
  });

  it('opens no session with what does not speak RELP, or ends it in the middle of a frame', async () => {
    const http = await LineReceiver.open((_chunk, socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const torn = await LineReceiver.open((_chunk, socket) => void socket.end('1 rsp 90 200 OK'));
    undo.push(() => http.close(), () => torn.close());
    expect(await opened(http.port).sink.deliver(anOutgoingBatch(1), NEVER)).toEqual({ kind: 'unavailable', reason: 'what the receiver says is not RELP' });
    expect(await opened(torn.port).sink.deliver(anOutgoingBatch(1), NEVER)).toEqual({ kind: 'unavailable', reason: 'the receiver closed the connection' });
  });

  it('comes back when its time is over', async () => {
    const { receiver, messages } = await receiving(() => undefined);
    const { sink } = opened(receiver.port);
    const time = new AbortController();
    const delivery = sink.deliver(anOutgoingBatch(2), time.signal);
    await receiver.until(() => messages.length === 2);
    time.abort();
    expect(await delivery).toEqual({ kind: 'unavailable', reason: 'there was no time left' });
  });
});
