import { createHash } from 'node:crypto';

import type { RecordMac } from '@sallyport/secrets';

/** A MAC of a test: a digest under its secret, which anybody could make who knows the secret. */
export class TestMac implements RecordMac {
  constructor(private readonly secret = 'of this deployment') {}

  tag(bytes: Uint8Array): Uint8Array {
    return createHash('sha256').update(this.secret).update(bytes).digest();
  }

  verify(bytes: Uint8Array, tag: Uint8Array): boolean {
    return Buffer.compare(this.tag(bytes), tag) === 0;
  }
}
