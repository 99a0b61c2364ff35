import { sinkTypeContract, type ExaminedReceiver } from '@sallyport/sinks/testing';

import { LoopbackNetwork } from '../testing/loopback-network.js';
import { RelpReceiver } from '../testing/relp-receiver.js';
import { sinkTools } from '../testing/sink-tools.js';
import { relpSinkType } from './relp-sink-type.js';

sinkTypeContract('relp, before a contract fake', ['hang', 'poison'], async () => {
  let receiver = await RelpReceiver.open();
  const { port } = receiver;
  const restart = async (): Promise<void> => {
    await receiver.close();
    receiver = await RelpReceiver.open(port);
  };
  const examined: ExaminedReceiver = {
    reset: restart,
    arrived: async (count) => {
      await receiver.until(() => receiver.taken.length >= count);
      return receiver.taken;
    },
    kept: async () => [...new Set(receiver.taken)],
    away: () => receiver.close(),
    back: async () => {
      const before = receiver.taken;
      receiver = await RelpReceiver.open(port, before);
    },
    hang: async () => {
      receiver.meet = () => null;
      const before = receiver.messages;
      return { reached: receiver.until(() => receiver.messages > before) };
    },
    poison: async (eventId) => {
      receiver.meet = (id) => (id === eventId ? '500 no' : '200 OK');
    },
    unconnected: () => receiver.unconnected(),
    close: () => receiver.close(),
  };
  const settings = { host: '127.0.0.1', port, transport: 'tcp' };
  return { type: relpSinkType, configuration: { settings, credentials: {}, format: 'native', formatVersion: null }, tools: sinkTools(new LoopbackNetwork()), receiver: examined };
});
