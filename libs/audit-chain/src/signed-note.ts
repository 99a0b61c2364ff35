import { ok, refuse, type Result } from '@sallyport/kernel';

import { decodeBase64, encodeBase64 } from './base64.js';
import { chainFault } from './chain-faults.js';
import { hexOf, parseHex } from './hex.js';
import { utf8 } from './text-bytes.js';
import type { Sha256 } from './tree-hash.js';
import { NOTE_ALGORITHMS, isKeyName, verifierKey, type VerifierKey } from './verifier-key.js';

/** Whether the key signed exactly these bytes (Ed25519, RFC 8032). Total: false for whatever is no signature. */
export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** What signs notes under a name: a `RecordSigner` and its name. */
export interface NoteSigner {
  /** As `isKeyName` wants it; for checkpoints the origin. */
  readonly name: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The Ed25519 signature over exactly these bytes, 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

/** One signature line of a note. */
export interface NoteSignature {
  readonly name: string;
  /** 8 hexadecimal digits. */
  readonly keyHash: string;
  /** What follows the key hash: 64 bytes of an Ed25519 signature, 72 of a witness's cosignature. */
  readonly signature: Uint8Array;
}

/** A note (C2SP signed-note): text that ends in a line feed, and its signatures. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A note that a known key signed. */
export interface OpenedNote {
  readonly text: string;
  /** The known keys that signed it, each once; at least one of a log. */
  readonly verified: readonly VerifiedSignature[];
  /** Signatures by keys that are not known here, such as other witnesses'. */
  readonly unknown: readonly NoteSignature[];
}

/** A key that signed a note. */
export interface VerifiedSignature {
  readonly key: VerifierKey;
  /** When a witness says that it saw the note, in seconds since 1970; absent for a log's own signature. */
  readonly cosignedAt?: number;
}

/** Why a note is none, or is not to be trusted. */
export type NoteProblem = 'malformed_note' | 'bad_signature' | 'no_known_signer';

const DASH = '\u2014';
const MAX_NOTE_UNITS = 1_000_000;
const MAX_SIGNATURES = 100;
const SIGNATURE_LINE = new RegExp(`^${DASH} (?<name>\\S+) (?<base64>\\S+)$`, 'u');
// Neither control characters but the line feed nor halves of surrogate pairs may stand in a note.
const NOT_IN_A_NOTE = /[\u0000-\u0009\u000b-\u001f\p{Cs}]/u;
const KEY_HASH_BYTES = 4;
const ED25519_BYTES = 64;
const TIME_BYTES = 8;

/** The text with the signers' signatures below it, in their order. @throws {Fault} `audit_chain.bad_note` when the text or a name cannot stand in a note. */
export function signNote(text: string, signers: readonly NoteSigner[], sha256: Sha256): string {
  if (!isNoteText(text)) throw chainFault.bad_note('the text of a note ends in a line feed and has no other control characters');
  const bytes = utf8(text);
  const signatures = signers.map((signer) => {
    if (!isKeyName(signer.name)) throw chainFault.bad_note('the name of a note\'s key has no white space and no plus sign');
    return { name: signer.name, keyHash: verifierKey(signer.name, signer.publicKey, sha256).keyHash, signature: signer.sign(bytes) };
  });
  return noteText({ text, signatures });
}

/** A note as it is written. */
export function noteText({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(signatureLine).join('')}`;
}

/** Reads a note without looking at who signed it. */
export function parseNote(written: string): Result<Note, NoteProblem> {
  const split = written.lastIndexOf('\n\n');
  if (written.length > MAX_NOTE_UNITS || split < 0 || !written.endsWith('\n') || !isNoteText(written)) return refuse('malformed_note');
  const lines = written.slice(split + 2, -1).split('\n');
  const signatures = lines.map(parseSignatureLine);
  if (signatures.length > MAX_SIGNATURES || !signatures.every((signature) => signature !== undefined)) return refuse('malformed_note');
  return ok({ text: written.slice(0, split + 1), signatures });
}

/**
 * Reads a note and checks its signatures by the keys that are known. Signatures by other keys, such as witnesses', are passed over.
 *
 * @returns Refused when a known key's signature is wrong, and when no known key of a log signed it: a witness alone does not do.
 */
export function openNote(written: string, keys: readonly VerifierKey[], parts: { readonly sha256: Sha256; readonly verify: VerifySignature }): Result<OpenedNote, NoteProblem> {
  const note = parseNote(written);
  if (!note.ok) return note;
  const verified = new Map<VerifierKey, VerifiedSignature>();
  const unknown: NoteSignature[] = [];
  for (const signature of note.value.signatures) {
    const key = keys.find(({ name, keyHash }) => name === signature.name && keyHash === signature.keyHash);
    if (key === undefined) {
      unknown.push(signature);
      continue;
    }
    const checked = checkSignature(note.value.text, signature, key, parts.verify);
    if (checked === undefined) return refuse('bad_signature');
    verified.set(key, verified.get(key) ?? checked);
  }
  const signers = [...verified.values()];
  if (!signers.some(({ key }) => key.algorithm === NOTE_ALGORITHMS.ed25519)) return refuse('no_known_signer');
  return ok({ text: note.value.text, verified: signers, unknown });
}

function checkSignature(text: string, { signature }: NoteSignature, key: VerifierKey, verify: VerifySignature): VerifiedSignature | undefined {
  if (key.algorithm === NOTE_ALGORITHMS.ed25519) {
    return signature.length === ED25519_BYTES && verify(key.publicKey, utf8(text), signature) ? { key } : undefined;
  }
  if (signature.length !== TIME_BYTES + ED25519_BYTES) return undefined;
  const cosignedAt = signature.subarray(0, TIME_BYTES).reduce((seconds, byte) => seconds * 256 + byte, 0);
  const message = utf8(`cosignature/v1\ntime ${cosignedAt}\n${text}`);
  return verify(key.publicKey, message, signature.subarray(TIME_BYTES)) ? { key, cosignedAt } : undefined;
}

function isNoteText(text: string): boolean {
  return text.endsWith('\n') && !NOT_IN_A_NOTE.test(text);
}

function signatureLine({ name, keyHash, signature }: NoteSignature): string {
  return `${DASH} ${name} ${encodeBase64(Uint8Array.of(...(parseHex(keyHash) ?? []), ...signature))}\n`;
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  const { name, base64 } = SIGNATURE_LINE.exec(line)?.groups ?? {};
  const bytes = decodeBase64(base64 ?? '');
  if (name === undefined || !isKeyName(name) || bytes === undefined || bytes.length <= KEY_HASH_BYTES) return undefined;
  return { name, keyHash: hexOf(bytes.subarray(0, KEY_HASH_BYTES)), signature: bytes.slice(KEY_HASH_BYTES) };
}
