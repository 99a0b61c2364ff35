import { ok, refuse, type Result } from '@sallyport/kernel';

import { decodeBase64, encodeBase64 } from './base64.js';
import { hexOf } from './hex.js';
import { utf8 } from './text-bytes.js';
import type { Sha256 } from './tree-hash.js';

/** How a key signs notes, by the number C2SP gives it: 1 Ed25519 over the text, 4 a witness's cosignature with a time. */
export const NOTE_ALGORITHMS = { ed25519: 1, cosignature: 4 } as const;

/** See `NOTE_ALGORITHMS`. */
export type NoteAlgorithm = (typeof NOTE_ALGORITHMS)[keyof typeof NOTE_ALGORITHMS];

/** A public key under the name that it signs notes with (C2SP signed-note). */
export interface VerifierKey {
  /** Not empty, without white space and `+`. */
  readonly name: string;
  readonly algorithm: NoteAlgorithm;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 8 hexadecimal digits. */
  readonly keyHash: string;
}

/** Why a text is no verifier key. */
export type VerifierKeyProblem = 'not_a_verifier_key' | 'bad_key_name' | 'unknown_key_algorithm' | 'key_hash_does_not_match';

const KEY_BYTES = 32;
const KEY_HASH_BYTES = 4;
const FORM = /^(?<name>[^+]+)\+(?<keyHash>[0-9a-f]{8})\+(?<key>[A-Za-z0-9+/]+={0,2})$/;
const NAME = /^[^\s\p{Cc}\p{Cs}\p{Z}\ufeff+]+$/u;

/** Whether signature lines can carry this name: not empty, no white space, no control characters, no `+`. */
export function isKeyName(name: string): boolean {
  return NAME.test(name);
}

/** A key under a name. @param algorithm By default that of a log, which signs the text itself. */
export function verifierKey(name: string, publicKey: Uint8Array, sha256: Sha256, algorithm: NoteAlgorithm = NOTE_ALGORITHMS.ed25519): VerifierKey {
  const keyHash = sha256(utf8(`${name}\n`), Uint8Array.of(algorithm), publicKey).subarray(0, KEY_HASH_BYTES);
  return { name, algorithm, publicKey, keyHash: hexOf(keyHash) };
}

/** The key as text: `<name>+<hash8>+<base64 of the algorithm's number and the key>`. */
export function verifierKeyText({ name, keyHash, algorithm, publicKey }: VerifierKey): string {
  return `${name}+${keyHash}+${encodeBase64(Uint8Array.of(algorithm, ...publicKey))}`;
}

/** The name and the hash of a key, as reports write them. */
export function keyLabel({ name, keyHash }: VerifierKey): string {
  return `${name}+${keyHash}`;
}

/** Reads a key's text; refuses what is not canonical, and a hash that is not this key's. */
export function parseVerifierKey(text: string, sha256: Sha256): Result<VerifierKey, VerifierKeyProblem> {
  const { name, keyHash, key } = FORM.exec(text)?.groups ?? {};
  const bytes = decodeBase64(key ?? '');
  if (name === undefined || bytes === undefined) return refuse('not_a_verifier_key');
  if (!isKeyName(name)) return refuse('bad_key_name');
  const algorithm = Object.values(NOTE_ALGORITHMS).find((known) => known === bytes[0]);
  if (algorithm === undefined || bytes.length !== KEY_BYTES + 1) return refuse('unknown_key_algorithm');
  const read = verifierKey(name, bytes.slice(1), sha256, algorithm);
  return read.keyHash === keyHash ? ok(read) : refuse('key_hash_does_not_match');
}
