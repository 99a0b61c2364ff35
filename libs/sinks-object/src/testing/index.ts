export { anOutgoingBatch } from './an-outgoing-batch.js';
export { FileReceiver } from './file-receiver.js';
export { LoopbackNetwork, sinkTools } from './sink-tools.js';
