export type { KafkaNode } from './kafka-node.js';
export type { KafkaSecurity } from './kafka-properties.js';
export { servicesFault } from './services-faults.js';
export type { KafkaOptions, RunningKafka } from './start-kafka.js';
export { startKafka } from './start-kafka.js';
export { redisBinary } from './redis-binary.js';
export type { RedisOptions, RunningRedis } from './start-redis.js';
export { startRedis } from './start-redis.js';
