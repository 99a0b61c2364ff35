import { createHash } from 'node:crypto';

import type { RecordSigner, RecordVerifier } from '@sallyport/secrets';

/** A signing key of a test: its signature is a digest under its name, which anybody could make who knows the name. */
export class TestKey implements RecordSigner, RecordVerifier {
  readonly publicKey: Uint8Array;

  constructor(readonly keyId: string) {
    this.publicKey = createHash('sha256').update(keyId).digest();
  }

  sign(bytes: Uint8Array): Uint8Array {
    return createHash('sha512').update(this.keyId).update(bytes).digest();
  }

  knows(keyId: string): boolean {
    return keyId === this.keyId;
  }

  verify(keyId: string, bytes: Uint8Array, signature: Uint8Array): boolean {
    return this.knows(keyId) && Buffer.compare(this.sign(bytes), signature) === 0;
  }
}
