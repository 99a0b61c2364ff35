import type { KafkaConfig } from '../config/kafka-config.js';

/** The configuration of a test: brokers as `KAFKA_BROKERS` has them, neither TLS nor sign-in, unless said. */
export function aKafkaConfig(brokers: string, topicPrefix: string, over: Partial<KafkaConfig> = {}): KafkaConfig {
  return { brokers: brokers.split(','), tls: null, sasl: null, topicPrefix, replicationFactor: null, auditPartitions: 2, ...over };
}
