export type { StreamCheck } from './read-stream.js';
export { checkStream, readStream } from './read-stream.js';
export { TestKey } from './test-key.js';
