import { ok, refuse, type Result } from '@sallyport/kernel';

import { decodeBase64, encodeBase64 } from './base64.js';
import { openNote, type NoteProblem, type OpenedNote, type VerifySignature } from './signed-note.js';
import { HASH_BYTES, type Sha256 } from './tree-hash.js';
import type { VerifierKey } from './verifier-key.js';

/** A head of a log (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** The log's name; ours are `sallyport/<deployment>/<organisation>`, and the name of the key that signs them. */
  readonly origin: string;
  /** How many events there were: the `seq` of the last. */
  readonly size: number;
  /** The root of the tree over their hashes: 32 bytes. */
  readonly root: Uint8Array;
  /** Further lines, none of them empty; we write none. */
  readonly extensions: readonly string[];
}

/** A checkpoint that a known key signed, and who did. */
export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: OpenedNote;
}

/** Why a checkpoint is none, or is not to be trusted. */
export type CheckpointProblem = NoteProblem | 'malformed_checkpoint';

const SIZE = /^(?:0|[1-9][0-9]*)$/;

/** The origin of a stream's checkpoints. Neither part has white space or `+`, so that it can name a key. */
export function checkpointOrigin(deployment: string, stream: string): string {
  return `sallyport/${deployment}/${stream}`;
}

/** The text that is signed: origin, size, root, further lines. */
export function checkpointText({ origin, size, root, extensions }: Checkpoint): string {
  return [origin, String(size), encodeBase64(root), ...extensions].map((line) => `${line}\n`).join('');
}

/** Reads the text of a checkpoint, strictly: what `checkpointText` would not write again is refused. */
export function parseCheckpoint(text: string): Result<Checkpoint, 'malformed_checkpoint'> {
  const [origin, size, rootText, ...extensions] = text.split('\n').slice(0, -1);
  const root = decodeBase64(rootText ?? '');
  if (!text.endsWith('\n') || origin === undefined || origin === '' || size === undefined || !SIZE.test(size)) return refuse('malformed_checkpoint');
  if (!Number.isSafeInteger(Number(size)) || root?.length !== HASH_BYTES || extensions.includes('')) return refuse('malformed_checkpoint');
  return ok({ origin, size: Number(size), root, extensions });
}

/** Reads a signed checkpoint: a note by a known key whose name is the origin, with the text of a checkpoint. */
export function openCheckpoint(
  written: string,
  keys: readonly VerifierKey[],
  parts: { readonly sha256: Sha256; readonly verify: VerifySignature },
): Result<OpenedCheckpoint, CheckpointProblem> {
  const note = openNote(written, keys, parts);
  if (!note.ok) return note;
  const checkpoint = parseCheckpoint(note.value.text);
  if (!checkpoint.ok) return checkpoint;
  const isByOrigin = note.value.verified.some(({ key }) => key.name === checkpoint.value.origin);
  return isByOrigin ? ok({ checkpoint: checkpoint.value, note: note.value }) : refuse('no_known_signer');
}
