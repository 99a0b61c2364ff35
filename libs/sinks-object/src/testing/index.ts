export { anOutgoingBatch } from './an-outgoing-batch.js';
export { LoopbackNetwork, sinkTools } from './sink-tools.js';
