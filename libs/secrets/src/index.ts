export type { KeyedHashes, SecretBox, SecretContext } from './secret-box.js';
export { secretsFault } from './secrets-faults.js';
