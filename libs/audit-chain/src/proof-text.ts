import { ok, refuse, type Result } from '@sallyport/kernel';

import { decodeBase64, encodeBase64 } from './base64.js';
import { HASH_BYTES } from './tree-hash.js';

/** An event's proof as a file (C2SP tlog-proof): where it is in the tree, the hashes, and the checkpoint of the tree. */
export interface InclusionProofText {
  /** The leaf's place from 0: `seq - 1`. */
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
}

/** That one head is the beginning of another, as a witness is asked it (C2SP tlog-witness, add-checkpoint). */
export interface ConsistencyProofText {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  /** The newer head, a signed note. */
  readonly checkpoint: string;
}

const INCLUSION = 'c2sp.org/tlog-proof@v1';
const NUMBER = /^(?<word>index|old) (?<number>0|[1-9][0-9]{0,15})$/;
const MAX_HASHES = 63;

/** An inclusion proof as text. */
export function inclusionProofText({ index, proof, checkpoint }: InclusionProofText): string {
  return [INCLUSION, `index ${index}`, ...proof.map(encodeBase64), '', checkpoint].join('\n');
}

/** Reads an inclusion proof; an `extra` line is passed over. The checkpoint is not looked into. */
export function parseInclusionProof(text: string): Result<InclusionProofText, 'malformed_proof'> {
  if (!text.startsWith(`${INCLUSION}\n`)) return refuse('malformed_proof');
  const read = parseProof(text.slice(INCLUSION.length + 1).replace(/^extra [^\n]*\n/, ''), 'index');
  return read === undefined ? refuse('malformed_proof') : ok({ index: read.number, proof: read.proof, checkpoint: read.checkpoint });
}

/** A consistency proof as text. */
export function consistencyProofText({ oldSize, proof, checkpoint }: ConsistencyProofText): string {
  return [`old ${oldSize}`, ...proof.map(encodeBase64), '', checkpoint].join('\n');
}

/** Reads a consistency proof. The checkpoint is not looked into. */
export function parseConsistencyProof(text: string): Result<ConsistencyProofText, 'malformed_proof'> {
  const read = parseProof(text, 'old');
  return read === undefined ? refuse('malformed_proof') : ok({ oldSize: read.number, proof: read.proof, checkpoint: read.checkpoint });
}

function parseProof(text: string, word: string): { readonly number: number; readonly proof: readonly Uint8Array[]; readonly checkpoint: string } | undefined {
  const end = text.indexOf('\n\n');
  const [head, ...hashes] = text.slice(0, Math.max(end, 0)).split('\n');
  const { word: found, number } = NUMBER.exec(head ?? '')?.groups ?? {};
  const proof = hashes.map(decodeBase64);
  if (found !== word || number === undefined || proof.length > MAX_HASHES || !proof.every((hash) => hash?.length === HASH_BYTES)) return undefined;
  return { number: Number(number), proof: proof.filter((hash) => hash !== undefined), checkpoint: text.slice(end + 2) };
}
