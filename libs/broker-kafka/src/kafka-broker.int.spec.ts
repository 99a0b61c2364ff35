import { Socket } from 'node:net';

import { brokerContract } from '@sallyport/broker/testing';
import { testKafka } from '@sallyport/test-support';

import { aKafkaConfig } from './testing/a-kafka-config.js';
import { KafkaBroker } from './kafka-broker.js';
import { openSocket } from './sockets.js';

brokerContract('the Kafka broker', async () => {
  const { brokers, topicPrefix } = await testKafka();
  const config = aKafkaConfig(brokers, topicPrefix);
  const sockets = new Set<Socket>();
  let severed = false;
  let count = 0;
  const connect: typeof openSocket = (to) => {
    const socket = severed ? new Socket() : openSocket(to);
    if (severed) queueMicrotask(() => socket.destroy(new Error('severed')));
    sockets.add(socket);
    return socket;
  };
  return {
    connect: () => {
      count += 1;
      return new KafkaBroker({ config, clientId: `exam-${count}`, connect });
    },
    sever: async () => {
      severed = true;
      for (const socket of sockets) socket.destroy(new Error('severed'));
    },
    restore: async () => {
      severed = false;
    },
    close: async () => undefined,
  };
});
