import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';

import type { NoteSigner, VerifySignature } from '../signed-note.js';
import type { Sha256 } from '../tree-hash.js';

/** SHA-256 by Node. */
export const nodeSha256: Sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** Ed25519 by Node. */
export const nodeVerify: VerifySignature = (publicKey, message, signature) =>
  publicKey.length === 32 && verify(null, message, createPublicKey({ key: Buffer.concat([SPKI_HEAD, publicKey]), format: 'der', type: 'spki' }), signature);

/** A signer whose key is made of a number: the same for the same number. */
export function aNoteSigner(name: string, seed = 1): NoteSigner {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, Buffer.alloc(32, seed)]), format: 'der', type: 'pkcs8' });
  const publicKey = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_HEAD.length));
  return { name, publicKey, sign: (bytes) => sign(null, bytes, key) };
}
