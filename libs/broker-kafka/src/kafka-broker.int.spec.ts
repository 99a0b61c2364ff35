import { brokerContract } from '@sallyport/broker/testing';
import { testKafka } from '@sallyport/test-support';

import { KafkaBroker } from './kafka-broker.js';
import { aKafkaConfig } from './testing/a-kafka-config.js';
import { MeddlingSockets } from './testing/meddling-sockets.js';

brokerContract('the Kafka broker', async () => {
  const { brokers, topicPrefix } = await testKafka();
  const config = aKafkaConfig(brokers, topicPrefix);
  const sockets = new MeddlingSockets();
  let count = 0;
  return {
    connect: () => {
      count += 1;
      return new KafkaBroker({ config, clientId: `exam-${count}`, connect: sockets.connect });
    },
    sever: async () => sockets.sever(),
    restore: async () => sockets.restore(),
    close: async () => undefined,
  };
});
