import { createHmac, timingSafeEqual } from 'node:crypto';

import type { RecordMac } from '@sallyport/secrets';

import type { RootKey } from './root-key.js';

/** HMAC-SHA-256 under a key of its own purpose, derived from the root key. */
export class HmacRecordMac implements RecordMac {
  private readonly key: Buffer;

  constructor(root: RootKey) {
    this.key = root.derive('sallyport/worker-record-mac/1');
  }

  tag(bytes: Uint8Array): Uint8Array {
    return createHmac('sha256', this.key).update(bytes).digest();
  }

  verify(bytes: Uint8Array, tag: Uint8Array): boolean {
    const right = this.tag(bytes);
    return tag.length === right.length && timingSafeEqual(tag, right);
  }
}
