export type { OpenedBroker } from './broker.contract.js';
export { brokerContract } from './broker.contract.js';
export { RecordingReader } from './recording-reader.js';
