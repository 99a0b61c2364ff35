import { ExportWorld, InProcessReceiver } from '@sallyport/sinks/testing';
import { afterEach, describe, expect, it } from 'vitest';

import { anOutgoingBatch, rest } from '../testing/an-outgoing-batch.js';
import { framesOf, LineReceiver } from '../testing/line-receiver.js';
import { LoopbackNetwork } from '../testing/loopback-network.js';
import { sinkTools } from '../testing/sink-tools.js';
import { syslogSinkType } from './syslog-sink-type.js';

const NEVER = new AbortController().signal;
const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const act of undo.splice(0)) await act();
});

function opened(port: number, over: Record<string, number | string> = {}): { sink: ReturnType<typeof syslogSinkType.open>; network: LoopbackNetwork } {
  const network = new LoopbackNetwork();
  const settings = { host: '127.0.0.1', port, transport: 'tcp', settle_ms: 20, ...over };
  const sink = syslogSinkType.open({ settings, credentials: {}, format: 'native', formatVersion: null }, sinkTools(network));
  undo.push(() => sink.close(), () => network.end());
  return { sink, network };
}

async function receiving(...of: Parameters<typeof LineReceiver.open>): Promise<LineReceiver> {
  const receiver = await LineReceiver.open(...of);
  undo.push(() => receiver.close());
  return receiver;
}

describe('a syslog sink', () => {
  it('sends each event as one octet-counted message over one connection', async () => {
    const receiver = await receiving();
    const { sink } = opened(receiver.port);
    const batch = anOutgoingBatch(300);
    expect(await sink.deliver(batch, NEVER)).toEqual({ kind: 'delivered' });
    expect(await sink.deliver(rest(batch, 299), NEVER)).toEqual({ kind: 'delivered' });
    await receiver.until(() => framesOf(Buffer.concat(receiver.heard)).frames.length === 301);
    const { frames, torn } = framesOf(Buffer.concat(receiver.heard));
    expect(torn.length).toBe(0);
    expect(frames.slice(0, 300).map((frame) => frame.slice(frame.indexOf('{')))).toEqual(batch.events.map(({ stored }) => stored.line));
    expect(receiver.connections).toHaveLength(1);
  });

  it.each(['reset', 'end'] as const)('does not call delivered what a connection took that the receiver ended (%s) in the middle', async (how) => {
    const receiver = await receiving((_chunk, _socket, self) => self.drop(how));
    const { sink } = opened(receiver.port, { settle_ms: 5_000 });
    expect(await sink.deliver(anOutgoingBatch(500), NEVER)).toMatchObject({ kind: 'unavailable' });
  });

  it('names the event that is in no message of its format, and sends the others', async () => {
    const receiver = await receiving();
    const settings = { host: '127.0.0.1', port: receiver.port, transport: 'tcp', settle_ms: 20 };
    const sink = syslogSinkType.open({ settings, credentials: {}, format: 'ocsf', formatVersion: null }, sinkTools(new LoopbackNetwork()));
    undo.push(() => sink.close());
    const batch = anOutgoingBatch(3, (seq) => (seq === 2 ? { request: { args_excerpt: 'x'.repeat(9_000) } } : {}));
    expect(await sink.deliver(batch, NEVER)).toEqual({ kind: 'partly', again: [], rejected: [{ index: 1, reason: expect.stringContaining('larger than max_octets') }] });
    await receiver.until(() => framesOf(Buffer.concat(receiver.heard)).frames.length === 2);
    const { frames } = framesOf(Buffer.concat(receiver.heard));
    expect(frames.map((frame) => / seq="([0-9]+)"/.exec(frame)?.[1])).toEqual(['1', '3']);
  });

  it('says once that the connection ended since the batch before, and goes on over a new one', async () => {
    const receiver = await receiving();
    const { sink, network } = opened(receiver.port);
    const batch = anOutgoingBatch(3);
    await sink.deliver(batch, NEVER);
    const gone = new Promise((resolve) => network.sockets[0]?.once('close', resolve));
    receiver.drop('end');
    await gone;
    expect(await sink.deliver(batch, NEVER)).toMatchObject({ kind: 'unavailable', reason: expect.stringContaining('sent again') });
    expect(await sink.deliver(batch, NEVER)).toEqual({ kind: 'delivered' });
    expect(receiver.connections).toHaveLength(2);
  });

  it('comes back when its time is over though the receiver reads nothing', async () => {
    const receiver = await receiving((_chunk, socket) => void socket.pause());
    const { sink } = opened(receiver.port);
    const wide = anOutgoingBatch(1_000, () => ({ request: { args_excerpt: 'x'.repeat(6_000) } }));
    const time = new AbortController();
    const delivery = (async () => {
      for (;;) {
        const one = await sink.deliver(wide, time.signal);
        if (one.kind !== 'delivered') return one;
      }
    })();
    await receiver.until(() => receiver.heard.length > 0);
    time.abort();
    expect(await delivery).toMatchObject({ kind: 'unavailable' });
  });

  it('pauses where the network may not be reached, and waits where nobody listens', async () => {
    const { sink, network } = opened(1);
    expect(await sink.deliver(anOutgoingBatch(1), NEVER)).toMatchObject({ kind: 'unavailable' });
    network.refusal = { kind: 'refused', message: 'This network is not open.' };
    expect(await sink.deliver(anOutgoingBatch(1), NEVER)).toMatchObject({ kind: 'paused', cause: 'config', reason: 'This network is not open.' });
  });
});

describe('an export to a syslog receiver', () => {
  it('sends once more what went out within the last half minute before the connection broke, so that no seq is left out', async () => {
    const receiver = await receiving();
    const network = new LoopbackNetwork();
    undo.push(() => network.end());
    const world = new ExportWorld();
    const configuration = { settings: { host: '127.0.0.1', port: receiver.port, transport: 'tcp', settle_ms: 20 }, credentials: {}, format: 'native', formatVersion: null } as const;
    const plan = world.plan(new InProcessReceiver(), { type: syslogSinkType, configuration });
    const exporter = world.export(plan, { ...world.parts(), network });
    const seqs = (): readonly (string | undefined)[] => framesOf(Buffer.concat(receiver.heard)).frames.map((frame) => / seq="([0-9]+)"/.exec(frame)?.[1]);
    const sent = async (upTo: number): Promise<void> => {
      for (let stepMs = 100; (await world.progress(plan)).sent < upTo || seqs().at(-1) !== String(upTo); stepMs = 5) await world.pass(stepMs);
    };
    await world.pass(1);
    world.add(3);
    await sent(3);
    expect((await world.progress(plan)).cursor).toBe(0);
    const gone = new Promise((resolve) => network.sockets[0]?.once('close', resolve));
    receiver.drop('reset');
    await gone;
    world.add(1);
    await sent(4);
    expect(seqs()).toEqual(['1', '2', '3', '1', '2', '3', '4']);
    const stopping = exporter.stop();
    await world.pass(2_000);
    await stopping;
  });
});

describe('the settings of a syslog sink', () => {
  it('are refused with every problem at once', () => {
    const settings = { host: 'https://logs.example/', port: 70_000, transport: 'tcp', tls_ca: '-----BEGIN CERTIFICATE-----', sd_id: 'a b' };
    const checked = syslogSinkType.check({ settings, credentials: { tls_client_cert: 'nonsense' }, format: 'parquet', formatVersion: null });
    expect(checked.ok ? [] : checked.refusal.map(({ pointer }) => pointer)).toEqual(['/settings/host', '/settings/port', '/settings/sd_id', '/format']);
    const second = syslogSinkType.check({ settings: { host: 'logs.example', transport: 'tcp', tls_ca: '-----BEGIN CERTIFICATE-----' }, credentials: { tls_client_cert: 'nonsense' }, format: 'native', formatVersion: null });
    expect(second.ok ? [] : second.refusal.map(({ pointer }) => pointer)).toEqual(['/credentials/tls_client_cert', '/credentials/tls_client_key', '/settings/tls_ca']);
  });

  it('say where messages go and what is promised', () => {
    const configuration = { settings: { host: '2001:db8::1' }, credentials: {}, format: 'native' as const, formatVersion: null };
    expect(syslogSinkType.destination(configuration)).toBe('syslog+tls://[2001:db8::1]:6514');
    expect(syslogSinkType.guarantee(configuration)).toBe('best effort, duplicates and gaps possible; gaps detectable by seq');
  });
});
