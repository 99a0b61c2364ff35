export { anOutgoingBatch, rest } from './an-outgoing-batch.js';
export { framesOf, LineReceiver } from './line-receiver.js';
export { LoopbackNetwork } from './loopback-network.js';
export { RelpReceiver } from './relp-receiver.js';
export { sinkTools } from './sink-tools.js';
