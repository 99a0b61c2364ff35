import { genesisHash } from '@sallyport/audit-event';

import { streamOfOrigin } from './chain-check.js';
import type { Checkpoint } from './checkpoint.js';
import { hexOf } from './hex.js';
import type { ReadEvent } from './read-event.js';
import type { OpenedNote } from './signed-note.js';
import type { Sha256 } from './tree-hash.js';
import { NOTE_ALGORITHMS, type VerifierKey } from './verifier-key.js';

/** A log's first event, and what is known of the keys that the log may have started with. */
export interface GenesisCheck {
  readonly first: ReadEvent;
  /** Keys that are trusted; those of other logs and of witnesses are passed over. */
  readonly keys: readonly VerifierKey[];
  /** Heads that count none but events that were read. */
  readonly heads: readonly { readonly checkpoint: Checkpoint; readonly note: OpenedNote }[];
  /** No event that was read announces a key, and all are of the first key epoch. */
  readonly isOfFirstKey: boolean;
}

/** Whether a log begins as its stream and its start key say; `unknown_key` when the start key may be one that is not at hand. */
export type GenesisResult = 'same' | 'different' | 'unknown_key';

/** What a finding, and what a notice says of a genesis. */
export const GENESIS_SENTENCES = {
  different: 'the log does not begin with the genesis of its stream and of the key that signs it',
  unknown_key: 'The key that the log started with is not among those given: its genesis could not be computed anew.',
} as const;

const KEY_ID_DIGITS = 16;

/**
 * Computes the genesis of the stream anew. Where no key changed, and every signature on a head of these events is of a known key, the start
 * key is one of them, and another genesis is a log that begins otherwise.
 */
export function checkGenesis({ first, keys, heads, isOfFirstKey }: GenesisCheck, sha256: Sha256): GenesisResult {
  const own = keys.filter(({ name, algorithm }) => algorithm === NOTE_ALGORITHMS.ed25519 && streamOfOrigin(name) === first.stream);
  if (own.some(({ publicKey }) => genesisHash(first.stream, keyIdOf(publicKey, sha256), sha256) === first.prevHash)) return 'same';
  const isStartKeyKnown = isOfFirstKey && heads.some(({ checkpoint, note }) => checkpoint.size > 0 && !note.unknown.some(({ name }) => name === checkpoint.origin));
  return isStartKeyKnown ? 'different' : 'unknown_key';
}

/** A key's id in records and in the genesis: the first 16 hexadecimal digits of SHA-256 of its 32 bytes. */
export function keyIdOf(publicKey: Uint8Array, sha256: Sha256): string {
  return hexOf(sha256(publicKey)).slice(0, KEY_ID_DIGITS);
}
