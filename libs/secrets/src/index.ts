export type { RecordMac } from './record-mac.js';
export type { RecordSigner, RecordVerifier, TrustedKeys } from './record-signatures.js';
export type { RotatingKeys } from './rotating-keys.js';
export type { KeyedHashes, SecretBox, SecretContext, SubjectKey } from './secret-box.js';
export { secretsFault } from './secrets-faults.js';
