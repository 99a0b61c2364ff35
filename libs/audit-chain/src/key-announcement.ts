import { ok, refuse, type Result } from '@sallyport/kernel';

import { openNote, signNote, type NoteProblem, type NoteSigner, type VerifySignature } from './signed-note.js';
import type { Sha256 } from './tree-hash.js';
import { parseVerifierKey, verifierKeyText, type VerifierKey } from './verifier-key.js';

/** That a key signs a log's heads from an epoch on. */
export interface KeyAnnouncement {
  /** Counts the log's keys from 1; the announced key's. */
  readonly keyEpoch: number;
  /** Its name is the log's origin. */
  readonly key: VerifierKey;
}

/** Why an announcement is none, or not by a known key. */
export type KeyAnnouncementProblem = NoteProblem | 'malformed_announcement';

const PURPOSE = 'sallyport/key/1';
const EPOCH = /^[1-9][0-9]{0,8}$/;

/**
 * The note by which the key before announces the next: what `key.note` of an `audit.key_announced` holds. Lines: `sallyport/key/1`, the epoch, the verifier key.
 *
 * @param signers The key before, under the origin's name.
 */
export function announceKey({ keyEpoch, key }: KeyAnnouncement, signers: readonly NoteSigner[], sha256: Sha256): string {
  return signNote(`${PURPOSE}\n${keyEpoch}\n${verifierKeyText(key)}\n`, signers, sha256);
}

/** Reads an announcement that one of the keys signed, by the name that the announced key has too. */
export function openKeyAnnouncement(
  written: string,
  keys: readonly VerifierKey[],
  parts: { readonly sha256: Sha256; readonly verify: VerifySignature },
): Result<KeyAnnouncement, KeyAnnouncementProblem> {
  const note = openNote(written, keys, parts);
  if (!note.ok) return note;
  const [purpose, epoch, keyText, ...rest] = note.value.text.split('\n');
  const key = parseVerifierKey(keyText ?? '', parts.sha256);
  if (purpose !== PURPOSE || !EPOCH.test(epoch ?? '') || !key.ok || rest.join('') !== '') return refuse('malformed_announcement');
  const isOfTheLog = note.value.verified.some((by) => by.key.name === key.value.name && by.key.algorithm === key.value.algorithm);
  return isOfTheLog ? ok({ keyEpoch: Number(epoch), key: key.value }) : refuse('no_known_signer');
}
