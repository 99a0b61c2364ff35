import { encodeBase64 } from './base64.js';
import { streamOfOrigin } from './chain-check.js';
import type { ChainReport, HeadReport } from './chain-report.js';
import type { OpenedCheckpoint } from './checkpoint.js';
import { FindingList, type Finding } from './finding.js';
import { isSameBytes } from './hex.js';
import { readLine } from './read-event-line.js';
import type { ReadEvent } from './read-event.js';
import type { Sha256 } from './tree-hash.js';
import { keyLabel } from './verifier-key.js';
import { verifyConsistency, verifyInclusion } from './verify-proofs.js';

/** An event, and the proof that it is in a signed head. */
export interface InclusionCheck {
  /** The event's line, without a line feed. */
  readonly line: Uint8Array;
  /** From 0. */
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  readonly head: OpenedCheckpoint;
}

/** Two signed heads of one log, the older first, and the proof that the newer continues it. The proof of two heads of the same size is empty. */
export interface ConsistencyCheck {
  readonly older: OpenedCheckpoint;
  readonly newer: OpenedCheckpoint;
  readonly proof: readonly Uint8Array[];
}

/** Whether a signed head covers the event as it is. Total. */
export function checkInclusion({ line, index, proof, head }: InclusionCheck, sha256: Sha256): ChainReport {
  const read = readLine(line, sha256);
  const event = read.kind === 'event' ? read.event : undefined;
  const { checkpoint } = head;
  const detail = event === undefined ? 'the event is not as it was written' : wrongPlace(event, index, head);
  const isIn = event !== undefined && verifyInclusion({ leaf: event.leaf, index, size: checkpoint.size, root: checkpoint.root, proof }, sha256);
  const problem = detail ?? (isIn ? undefined : 'the proof does not lead from the event to the root of the signed checkpoint');
  return reportOf(event, problem === undefined ? [] : [{ kind: 'modified', seq: index + 1, detail: problem }], [headReport(head, problem === undefined)]);
}

/** Whether the newer head is of the same history as the older. Total. */
export function checkConsistency({ older, newer, proof }: ConsistencyCheck, sha256: Sha256): ChainReport {
  const [one, two] = [older.checkpoint, newer.checkpoint];
  const isSame = one.size === two.size ? isSameBytes(one.root, two.root) : verifyConsistency({ oldSize: one.size, oldRoot: one.root, newSize: two.size, newRoot: two.root, proof }, sha256);
  const detail =
    one.size === two.size
      ? `two heads of ${one.size} events are signed, with different roots: the log has two histories`
      : `the proof does not show that the head of ${two.size} events continues that of ${one.size}: the log has two histories, or the proof is not whole`;
  const findings: readonly Finding[] = isSame ? [] : [{ kind: 'equivocation', seq: 1, toSeq: Math.max(1, one.size), detail }];
  return reportOf(undefined, findings, [headReport(older, isSame), headReport(newer, isSame)]);
}

function wrongPlace({ seq, stream }: ReadEvent, index: number, { checkpoint }: OpenedCheckpoint): string | undefined {
  if (stream !== streamOfOrigin(checkpoint.origin)) return 'the event belongs to another stream than the checkpoint';
  return seq === index + 1 ? undefined : `the proof is of event ${index + 1}, the event is ${seq}`;
}

/** A head that was given, as reports tell it. */
export function headReport({ checkpoint, note }: OpenedCheckpoint, isSame: boolean | undefined): HeadReport {
  return {
    source: 'given',
    size: checkpoint.size,
    root: encodeBase64(checkpoint.root),
    signedBy: note.verified.filter(({ cosignedAt }) => cosignedAt === undefined).map(({ key }) => keyLabel(key)),
    witnesses: note.verified.flatMap(({ key, cosignedAt }) => (cosignedAt === undefined ? [] : [{ name: key.name, cosignedAt }])),
    result: isSame === undefined ? 'not_compared' : isSame ? 'same' : 'different',
  };
}

function reportOf(event: ReadEvent | undefined, found: readonly Finding[], heads: readonly HeadReport[]): ChainReport {
  const list = new FindingList();
  for (const finding of found) list.add(finding);
  const about = event === undefined ? {} : { stream: event.stream, firstSeq: event.seq, lastSeq: event.seq, firstTime: event.time, lastTime: event.time, lastHash: event.hash };
  return { code: list.code, undecided: [], findings: list.list(), findingsTotal: list.total, notices: [], events: event === undefined ? 0 : 1, ...about, heads, announcedKeys: [] };
}
