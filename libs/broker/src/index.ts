export type {
  Broker,
  BrokerRecord,
  Cleanup,
  ConsumeOptions,
  Consuming,
  FollowOptions,
  Following,
  Publication,
  TopicSpec,
} from './broker.js';
export { MAX_RECORD_BYTES } from './broker.js';
export { brokerFault } from './broker-faults.js';
export { ChunkAssembler } from './chunk-assembler.js';
export { TOPIC, deploymentTopics } from './deployment-topics.js';
export { MemoryBroker, assertFits } from './memory-broker.js';
export { MemoryCluster } from './memory-cluster.js';
export { CHUNK_BYTES, splitPublication } from './split-publication.js';
