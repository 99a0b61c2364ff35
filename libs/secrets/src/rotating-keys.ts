import type { RecordSigner } from './record-signatures.js';

/**
 * Signing keys of which one follows the other, such as those that sign the heads of audit streams: a new key is announced while the
 * one before still signs, then both sign for a while. They live in the control plane, outside of the database, and on no worker.
 */
export interface RotatingKeys {
  /** The key that signs. */
  current(): RecordSigner;
  /** The key before it, while both sign; `undefined` otherwise. */
  previous(): RecordSigner | undefined;
  /** A new key that does not sign yet, kept so that the next start finds it. A second call before `adopt` answers the same. */
  prepare(): RecordSigner;
  /** The prepared key signs from now on, and the one before beside it until `retire`. Durable when it returns; nothing happens where none is prepared. */
  adopt(): void;
  /** The key before signs no more, and is destroyed. */
  retire(): void;
}
