import { hkdfSync } from 'node:crypto';

import { secretsFault } from '@sallyport/secrets';

/** The deployment's root key, 32 bytes. Everything else is wrapped by it or derived from it. */
export class RootKey {
  private constructor(private readonly bytes: Buffer) {}

  /** @throws {Fault} `secrets.bad_root_key` unless the text is 32 bytes in hexadecimal or base64. */
  static parse(text: string): RootKey {
    const trimmed = text.trim();
    const bytes = /^[0-9a-fA-F]{64}$/.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64');
    if (bytes.length !== 32) throw secretsFault.bad_root_key(`the root key has ${bytes.length} bytes`);
    return new RootKey(bytes);
  }

  /** A key for one purpose: HKDF-SHA256 of the root key with the label as info. 32 bytes. */
  derive(label: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.bytes, Buffer.alloc(0), label, 32));
  }
}
