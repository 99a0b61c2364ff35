import { sinkTypeContract, type ExaminedReceiver } from '@sallyport/sinks/testing';

import { framesOf, LineReceiver } from '../testing/line-receiver.js';
import { LoopbackNetwork } from '../testing/loopback-network.js';
import { sinkTools } from '../testing/sink-tools.js';
import { syslogSinkType } from './syslog-sink-type.js';

sinkTypeContract('syslog, before a contract fake', ['hang'], async () => {
  let receiver = await LineReceiver.open();
  const { port } = receiver;
  const ids = (): readonly string[] => framesOf(Buffer.concat(receiver.heard)).frames.map((frame) => / id="([^"]+)"/.exec(frame)?.[1] ?? '');
  const restart = async (...meet: Parameters<typeof LineReceiver.open>): Promise<void> => {
    await receiver.close();
    receiver = await LineReceiver.open(meet[0], port);
  };
  const examined: ExaminedReceiver = {
    reset: () => restart(),
    arrived: async (count) => {
      await receiver.until(() => ids().length >= count);
      return ids();
    },
    kept: async () => [...new Set(ids())],
    away: () => receiver.close(),
    back: async () => {
      receiver = await LineReceiver.open(undefined, port);
    },
    hang: async () => {
      await restart((_chunk, socket) => void socket.pause());
      return { reached: receiver.until(() => receiver.heard.length > 0) };
    },
    unconnected: async () => {
      const open = receiver.connections.filter((socket) => !socket.closed);
      await Promise.all(open.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve))));
    },
    close: () => receiver.close(),
  };
  const settings = { host: '127.0.0.1', port, transport: 'tcp', settle_ms: 300 };
  return { type: syslogSinkType, configuration: { settings, credentials: {}, format: 'native', formatVersion: null }, tools: sinkTools(new LoopbackNetwork()), receiver: examined };
});
