export { aNoteSigner, nodeSha256, nodeVerify } from './node-crypto.js';
