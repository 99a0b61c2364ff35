import { isSameBytes } from './hex.js';
import { HASH_BYTES, emptyRoot, nodeHash, type Sha256 } from './tree-hash.js';

/** What an inclusion proof claims. */
export interface InclusionClaim {
  readonly leaf: Uint8Array;
  /** From 0. */
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** What a consistency proof claims. */
export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly newSize: number;
  readonly newRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Whether the proof shows that the leaf is at that place of the tree with that root (RFC 9162 section 2.1.3.2). Total: never throws. */
export function verifyInclusion(claim: InclusionClaim, sha256: Sha256): boolean {
  const { leaf, index, size, root, proof } = claim;
  if (!isSize(size) || !isSize(index) || index >= size || ![leaf, root, ...proof].every(isHash)) return false;
  let [place, last] = [index, size - 1];
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(place) || place === last) {
      hash = nodeHash(sibling, hash, sha256);
      while (!isOdd(place) && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      hash = nodeHash(hash, sibling, sha256);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && isSameBytes(hash, root);
}

/** Whether the proof shows that the tree with the old root is the beginning of the one with the new root (RFC 9162 section 2.1.4.2). Total: never throws. */
export function verifyConsistency(claim: ConsistencyClaim, sha256: Sha256): boolean {
  const { oldSize, oldRoot, newSize, newRoot, proof } = claim;
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize || ![oldRoot, newRoot, ...proof].every(isHash)) return false;
  if (oldSize === newSize) return proof.length === 0 && isSameBytes(oldRoot, newRoot);
  if (oldSize === 0) return proof.length === 0 && isSameBytes(oldRoot, emptyRoot(sha256));
  const roots = rootsOf(claim, sha256);
  return roots !== undefined && isSameBytes(roots.old, oldRoot) && isSameBytes(roots.new, newRoot);
}

function rootsOf({ oldSize, oldRoot, newSize, proof }: ConsistencyClaim, sha256: Sha256): { readonly old: Uint8Array; readonly new: Uint8Array } | undefined {
  const [first, ...rest] = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof;
  if (first === undefined) return undefined;
  let [place, last] = [oldSize - 1, newSize - 1];
  while (isOdd(place)) [place, last] = [half(place), half(last)];
  let [older, newer] = [first, first];
  for (const hash of rest) {
    if (last === 0) return undefined;
    if (isOdd(place) || place === last) {
      older = nodeHash(hash, older, sha256);
      newer = nodeHash(hash, newer, sha256);
      while (!isOdd(place) && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      newer = nodeHash(newer, hash, sha256);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 ? { old: older, new: newer } : undefined;
}

const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isHash = (hash: Uint8Array): boolean => hash.length === HASH_BYTES;
const isOdd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}
