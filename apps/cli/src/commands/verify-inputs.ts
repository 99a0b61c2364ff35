import { createHash, createPublicKey, hash, verify as verifyByNode } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { decodeBase64, openCheckpoint, parseConsistencyProof, parseInclusionProof, parseVerifierKey, type OpenedCheckpoint, type Sha256, type VerifierKey, type VerifySignature } from '@sallyport/audit-chain';
import { isJsonObject, type JsonValue } from '@sallyport/kernel';

import { cliFault } from '../cli-faults.js';
import type { Terminal } from '../terminal.js';

const ONE_SHOT_BYTES = 16_384;
const gathered = new Uint8Array(ONE_SHOT_BYTES);

/** SHA-256 by Node: in one call where the parts are short, since an object to be collected for every event takes longer than the hash. */
export const sha256: Sha256 = (...parts) => {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length > ONE_SHOT_BYTES) return parts.reduce((started, part) => started.update(part), createHash('sha256')).digest();
  let at = 0;
  for (const part of parts) {
    gathered.set(part, at);
    at += part.length;
  }
  return Buffer.from(hash('sha256', gathered.subarray(0, length), 'binary'), 'binary');
};

const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** Ed25519 by Node. */
export const verifySignature: VerifySignature = (publicKey, message, signature) =>
  verifyByNode(null, message, createPublicKey({ key: Buffer.concat([SPKI_HEAD, publicKey]), format: 'der', type: 'spki' }), signature);

/** A proof as `audit proof` prints it or as a C2SP tlog-proof. */
export interface GivenProof {
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
}

/**
 * The keys of `--key`: each a verifier key, or a file of them, one a line; empty lines and lines with `#` are passed over.
 *
 * @throws {Fault} `cli.usage` when there is none or one cannot be read.
 */
export function readKeys(given: readonly string[], terminal: Terminal): readonly VerifierKey[] {
  const texts = given.flatMap((each) => (existsSync(resolve(terminal.folder, each)) ? linesOf(readGiven(each, terminal)) : [each]));
  if (texts.length === 0) throw cliFault.usage('Name the key that signs the log: --key FILE, from sallyport audit key.');
  return texts.map((text) => {
    const key = parseVerifierKey(text, sha256);
    if (!key.ok) throw cliFault.usage(`This is no verifier key, and no file of them (${key.refusal.replaceAll('_', ' ')}): ${text.slice(0, 120)}`);
    return key.value;
  });
}

/** A file's bytes. @throws {Fault} `cli.unreadable_file`. */
export function readGiven(file: string, terminal: Terminal): Buffer {
  try {
    return readFileSync(resolve(terminal.folder, file));
  } catch (caught) {
    throw cliFault.unreadable_file(`Cannot read ${file}: ${caught instanceof Error ? caught.message : 'unknown'}`, {}, caught);
  }
}

/** A checkpoint that could be read, or why its signature cannot be taken. */
export type GivenCheckpoint = { readonly kind: 'opened'; readonly opened: OpenedCheckpoint } | { readonly kind: 'untrusted'; readonly detail: string };

/** Opens a signed note. @throws {Fault} `cli.usage` when the text is no checkpoint at all. */
export function openGiven(written: string, keys: readonly VerifierKey[], name: string): GivenCheckpoint {
  const opened = openCheckpoint(written, keys, { sha256, verify: verifySignature });
  if (opened.ok) return { kind: 'opened', opened: opened.value };
  if (opened.refusal === 'bad_signature') return { kind: 'untrusted', detail: `the signature of ${name} is not right` };
  if (opened.refusal === 'no_known_signer') return { kind: 'untrusted', detail: `no key that was given signed ${name}` };
  throw cliFault.usage(`${name} is no signed checkpoint (${opened.refusal.replaceAll('_', ' ')}).`);
}

/** Reads an inclusion proof. @throws {Fault} `cli.usage` when the text is none. */
export function readInclusionProof(text: string, name: string): GivenProof {
  const asText = parseInclusionProof(text);
  if (asText.ok) return asText.value;
  const json = jsonOf(text);
  const { seq, proof, checkpoint } = isJsonObject(json) ? json : {};
  const hashes = hashesOf(proof);
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || hashes === undefined || typeof checkpoint !== 'string') throw cliFault.usage(`${name} is no proof, as sallyport audit proof prints it.`);
  return { index: seq - 1, proof: hashes, checkpoint };
}

/** Reads the newer head with a consistency proof in front of it, or alone; the proof may come in a file of its own. */
export function readNewerHead(text: string, proofText: string | undefined, name: string): { readonly note: string; readonly proof: readonly Uint8Array[] | undefined } {
  const asText = parseConsistencyProof(text);
  const note = asText.ok ? asText.value.checkpoint : text;
  if (proofText === undefined) return { note, proof: asText.ok ? asText.value.proof : undefined };
  const json = jsonOf(proofText);
  const proof = hashesOf(json === undefined ? linesOf(Buffer.from(proofText)) : json);
  if (proof === undefined) throw cliFault.usage(`${name} is no consistency proof, as sallyport audit consistency prints it.`);
  return { note, proof };
}

function hashesOf(value: JsonValue | undefined): readonly Uint8Array[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const hashes = (value as readonly JsonValue[]).map((text) => (typeof text === 'string' ? decodeBase64(text) : undefined));
  return hashes.every((hash) => hash !== undefined) ? hashes : undefined;
}

function jsonOf(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // Text that is no JSON is read in its other form.
    return undefined;
  }
}

function linesOf(bytes: Buffer): readonly string[] {
  return bytes.toString('utf8').split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}
