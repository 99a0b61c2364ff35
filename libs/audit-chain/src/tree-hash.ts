/** SHA-256 over the parts one after another: 32 bytes. */
export type Sha256 = (...parts: Uint8Array[]) => Uint8Array;

/** The length of every hash in the tree. */
export const HASH_BYTES = 32;

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The leaf hash of RFC 9162 section 2.1.1: over `0x00` and the entry. An audit event's `integrity.hash` is one already. */
export function leafHash(entry: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256(LEAF, entry);
}

/** The hash of an inner node: over `0x01` and its two children. */
export function nodeHash(left: Uint8Array, right: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256(NODE, left, right);
}

/** The root of a tree without leaves: the hash of nothing. */
export function emptyRoot(sha256: Sha256): Uint8Array {
  return sha256();
}
