export type { KafkaConfig, KafkaSasl, KafkaTls, TokenSource } from './config/kafka-config.js';
export { parseKafkaConfig } from './config/parse-kafka-config.js';
export type { KafkaBrokerOptions } from './kafka-broker.js';
export { KafkaBroker } from './kafka-broker.js';
export { kafkaFault } from './kafka-faults.js';
