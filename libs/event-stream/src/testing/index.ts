export { FoldingListener } from './folding-listener.js';
export type { StreamCheck } from './read-stream.js';
export { checkStream, readStream } from './read-stream.js';
export { anIdentity, ScriptedStream } from './scripted-stream.js';
export { TestKey } from './test-key.js';
export { TestMac } from './test-mac.js';
