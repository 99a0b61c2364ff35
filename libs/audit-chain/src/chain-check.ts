import type { JsonObject } from '@sallyport/kernel';

import type { OpenedCheckpoint } from './checkpoint.js';
import type { FindingList } from './finding.js';
import type { KeyTrust } from './key-trust.js';
import type { ReadEvent } from './read-event.js';
import type { SequenceTracker } from './sequence-tracker.js';
import type { VerifySignature } from './signed-note.js';
import type { Sha256 } from './tree-hash.js';
import type { TreeWatch } from './tree-watch.js';
import type { VerifierKey } from './verifier-key.js';

/** What a file is held against. */
export interface ChainCheck {
  /** The log's keys, and those of witnesses. Without any, no signature is looked at and no trailer is needed: order and hashes only. */
  readonly keys: readonly VerifierKey[];
  /** The first and last event that are asked for; those outside are passed over. */
  readonly from?: number;
  readonly to?: number;
  /** A checkpoint that the caller has from elsewhere. */
  readonly against?: OpenedCheckpoint;
  /** A clock that went back by more than this is a finding; without it, a notice. Milliseconds. */
  readonly clockSlackMs?: number;
  readonly sha256: Sha256;
  readonly verify: VerifySignature;
}

/** What has been read, for the checks at the end. */
export interface ReadSoFar {
  readonly check: ChainCheck;
  readonly trust: KeyTrust;
  readonly tree: TreeWatch;
  readonly findings: FindingList;
  readonly notices: string[];
  readonly undecided: string[];
  readonly order: SequenceTracker;
  readonly first: ReadEvent | undefined;
  readonly last: ReadEvent | undefined;
  readonly stream: string | undefined;
  readonly lines: number;
  /** Lines at the end that could not be read; with no event at all, those from the beginning. */
  readonly unread: number;
  /** Lines before the first event that could not be read. */
  readonly leadingUnread: number;
  readonly isCut: boolean;
  readonly trailer: JsonObject | undefined;
}

/** The stream that an origin names: what follows its last slash. */
export function streamOfOrigin(origin: string): string {
  return origin.slice(origin.lastIndexOf('/') + 1);
}
