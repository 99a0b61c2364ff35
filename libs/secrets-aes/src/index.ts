export { AesSecretBox } from './aes-secret-box.js';
export { HmacKeyedHashes } from './hmac-keyed-hashes.js';
export { HmacRecordMac } from './hmac-record-mac.js';
export { RootKey } from './root-key.js';
