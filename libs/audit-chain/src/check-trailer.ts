import type { ReadSoFar } from './chain-check.js';
import { GENESIS_SENTENCES, checkGenesis } from './check-genesis.js';
import type { HeadReport, TrailerReport } from './chain-report.js';
import { headReport } from './check-proofs.js';
import { openCheckpoint, type Checkpoint, type CheckpointProblem, type OpenedCheckpoint } from './checkpoint.js';
import { openTrailer, parseTrailer, type ExportTrailer, type OpenedTrailer, type TrailerProblem } from './export-trailer.js';
import { isSameBytes } from './hex.js';
import { keyLabel } from './verifier-key.js';
import { verifyInclusion } from './verify-proofs.js';

/** What the end of a file gave. */
export interface EndOfFile {
  readonly trailer?: TrailerReport;
  readonly heads: readonly HeadReport[];
}

const TRAILER_PROBLEM: Readonly<Record<TrailerProblem, string>> = {
  malformed_trailer: 'the trailer is none of this version',
  bad_signature: 'the trailer\'s signature is not right',
  no_known_signer: 'no key that is trusted signed the trailer',
};

const CHECKPOINT_PROBLEM: Readonly<Record<CheckpointProblem, string>> = {
  malformed_note: 'the trailer\'s checkpoint is no signed note',
  malformed_checkpoint: 'the trailer\'s checkpoint is none',
  bad_signature: 'the signature of the trailer\'s checkpoint is not right',
  no_known_signer: 'no key that is trusted signed the trailer\'s checkpoint',
};

/** The checks for which the whole file must have been read: the trailer, what is missing, the signed heads. */
export function checkTrailer(read: ReadSoFar): EndOfFile {
  const opened = read.check.keys.length === 0 ? undefined : openedTrailer(read);
  const claimed = opened?.trailer ?? (read.check.keys.length === 0 && read.trailer !== undefined ? parseTrailer(read.trailer) : undefined);
  if (claimed !== undefined && isWholeFile(read)) compareSpan(read, claimed);
  endOfOrder(read, claimed);
  if (opened !== undefined && read.findings.total === 0) compareContent(read, opened.trailer);
  const inHand = [...trailerHead(read, opened), ...givenHead(read, opened)];
  const heads = compareHeads(read, inHand);
  if (read.findings.total === 0) compareGenesis(read, inHand);
  return { ...(opened === undefined ? {} : { trailer: trailerReport(opened) }), heads };
}

function openedTrailer(read: ReadSoFar): OpenedTrailer | undefined {
  const { findings, trailer, isCut, trust, check } = read;
  if (trailer === undefined) {
    if (!isCut) findings.add({ kind: 'missing', seq: nextSeq(read), detail: 'the export has no trailer: it was cut, or is none' });
    return undefined;
  }
  const opened = openTrailer(trailer, trust.keys, check.verify);
  if (opened.ok) return opened.value;
  const kind = opened.refusal === 'malformed_trailer' ? 'modified' : 'bad_signature';
  findings.add({ kind, seq: unvouchedFrom(read), line: read.lines, detail: `${TRAILER_PROBLEM[opened.refusal]}: nothing vouches for the events` });
  return undefined;
}

function isWholeFile({ check }: ReadSoFar): boolean {
  return check.from === undefined && check.to === undefined;
}

/** Whether the file holds the events that its trailer counts. */
function compareSpan({ findings, first, last, order, unread, leadingUnread, stream }: ReadSoFar, trailer: ExportTrailer): void {
  if (stream !== undefined && trailer.stream !== stream) findings.add({ kind: 'modified', seq: trailer.firstSeq, detail: 'the trailer is of another stream than the events' });
  if (first !== undefined && first.seq > trailer.firstSeq + leadingUnread) {
    findings.add({ kind: 'missing', seq: trailer.firstSeq, toSeq: first.seq - 1, detail: 'the first events of the export are missing' });
  }
  if (last !== undefined && last.seq > trailer.lastSeq) findings.add({ kind: 'modified', seq: Math.max(trailer.lastSeq + 1, first?.seq ?? 1), toSeq: last.seq, detail: 'events stand in the file that its trailer does not count' });
  order.endAt(trailer.firstSeq, trailer.lastSeq, unread);
}

function endOfOrder({ findings, order, check, unread }: ReadSoFar, trailer: ExportTrailer | undefined): void {
  const last = check.to ?? (check.from === undefined ? undefined : trailer?.lastSeq);
  if (last !== undefined) order.endAt(check.from ?? order.expected ?? 1, last, unread);
  for (const { from, to } of order.missing()) {
    findings.add({ kind: 'missing', seq: from, ...(to > from ? { toSeq: to } : {}), detail: from === to ? 'the event is missing' : `events ${from} to ${to} are missing` });
  }
}

/** Whether the events are those that were exported, once each is whole and in its place. */
function compareContent({ findings, first, last, tree, stream }: ReadSoFar, trailer: ExportTrailer): void {
  const find = (detail: string): void => findings.add({ kind: 'modified', seq: trailer.firstSeq, toSeq: last?.seq ?? trailer.firstSeq, detail });
  if (stream !== undefined && !trailer.origin.endsWith(`/${stream}`)) find('the trailer\'s origin is of another stream than the events');
  if (first !== undefined && first.prevHash !== trailer.prevHash) find('the first event follows another event than the trailer says');
  const root = tree.rootAt(tree.size);
  if (root === undefined || !isSameBytes(root, trailer.root)) find('the events are not those that were exported: their tree has another root than the trailer says');
}

interface HeadInHand {
  readonly source: HeadReport['source'];
  readonly head: OpenedCheckpoint;
  /** The trailer, once its signature was found right. */
  readonly trailer: ExportTrailer | undefined;
}

function trailerHead(read: ReadSoFar, opened: OpenedTrailer | undefined): readonly HeadInHand[] {
  const written = opened?.trailer.checkpoint;
  if (opened === undefined || written === undefined) return [];
  const checkpoint = openCheckpoint(written, read.trust.keys, read.check);
  if (checkpoint.ok) return [{ source: 'trailer', head: checkpoint.value, trailer: opened.trailer }];
  read.findings.add({ kind: 'bad_signature', seq: unvouchedFrom(read), line: read.lines, detail: CHECKPOINT_PROBLEM[checkpoint.refusal] });
  return [];
}

function givenHead({ check: { against } }: ReadSoFar, opened: OpenedTrailer | undefined): readonly HeadInHand[] {
  return against === undefined ? [] : [{ source: 'given', head: against, trailer: opened?.trailer }];
}

function compareHeads(read: ReadSoFar, inHand: readonly HeadInHand[]): readonly HeadReport[] {
  const same: Checkpoint[] = [];
  return inHand.map((each) => {
    const { checkpoint } = each.head;
    const report = compareHead(read, each, same.some((head) => isSameHead(head, checkpoint)));
    if (report.result === 'same') same.push(checkpoint);
    return report;
  });
}

function isSameHead(one: Checkpoint, other: Checkpoint): boolean {
  return one.origin === other.origin && one.size === other.size && isSameBytes(one.root, other.root);
}

/** @param isTied The events were tied to the same head already. */
function compareHead(read: ReadSoFar, inHand: HeadInHand, isTied: boolean): HeadReport {
  const { checkpoint } = inHand.head;
  const result = isTied ? 'same' : resultOf(read, inHand);
  if (result === 'different') {
    const kind = inHand.trailer === undefined ? 'modified' : 'equivocation';
    const detail = `the signed checkpoint of ${checkpoint.size} events has another root than the events${kind === 'equivocation' ? ', though the trailer is signed by the same log' : ''}`;
    read.findings.add({ kind, seq: unvouchedFrom(read), detail });
  }
  if (result === 'not_compared') tellUncompared(read, inHand);
  return { ...headReport(inHand.head, result === 'not_compared' ? undefined : result === 'same'), source: inHand.source };
}

/** A file that begins with the log's first event begins with the log's genesis. */
function compareGenesis({ findings, notices, first, last, check, trust }: ReadSoFar, inHand: readonly HeadInHand[]): void {
  if (first?.seq !== 1 || last === undefined || check.keys.length === 0) return;
  const heads = inHand.flatMap(({ head }) => (head.checkpoint.size <= last.seq ? [head] : []));
  const result = checkGenesis({ first, keys: check.keys, heads, isOfFirstKey: trust.isOfFirstKey }, check.sha256);
  if (result === 'different') findings.add({ kind: 'modified', seq: 1, detail: GENESIS_SENTENCES.different });
  if (result === 'unknown_key') notices.push(GENESIS_SENTENCES.unknown_key);
}

/** Compared only where nothing else was found: a tree of events that are not whole says nothing more. */
function resultOf({ tree, first, findings, check, stream }: ReadSoFar, { head, trailer, source }: HeadInHand): HeadReport['result'] {
  const { checkpoint } = head;
  if (findings.total > 0) return 'not_compared';
  if (stream !== undefined && !checkpoint.origin.endsWith(`/${stream}`)) return 'different';
  const root = first === undefined || first.seq === 1 ? tree.rootAt(checkpoint.size) : undefined;
  if (root !== undefined) return isSameBytes(root, checkpoint.root) ? 'same' : 'different';
  const { anchor } = trailer ?? {};
  if (source !== 'trailer' || anchor === undefined || first === undefined) return 'not_compared';
  const leaf = tree.leafAt(anchor.seq - first.seq + 1);
  if (leaf === undefined) return 'not_compared';
  const claim = { leaf, index: anchor.seq - 1, size: checkpoint.size, root: checkpoint.root, proof: anchor.proof };
  return verifyInclusion(claim, check.sha256) ? 'same' : 'different';
}

/** Of the caller's own checkpoint he wants to know; that of the trailer is told of. */
function tellUncompared(read: ReadSoFar, { source, head }: HeadInHand): void {
  if (read.findings.total > 0) return;
  const { size } = head.checkpoint;
  const { first, last } = read;
  if (source === 'given' && first?.seq === 1 && last !== undefined && size > last.seq) {
    read.findings.add({ kind: 'missing', seq: last.seq + 1, toSeq: size, detail: `the checkpoint counts ${size} events, the file ends with event ${last.seq}` });
  } else if (source === 'given') {
    read.undecided.push(`The events could not be compared with the given checkpoint of ${size} events: that takes a file that begins with event 1${first === undefined ? '' : `, and this one begins with event ${first.seq}`}.`);
  } else {
    read.notices.push(`The events could not be tied to the trailer's checkpoint of ${size} events.`);
  }
}

function trailerReport({ trailer, signedBy }: OpenedTrailer): TrailerReport {
  const { origin, exportedAt, firstSeq, lastSeq } = trailer;
  return { origin, exportedAt, firstSeq, lastSeq, count: lastSeq - firstSeq + 1, signedBy: signedBy.map(keyLabel) };
}

function unvouchedFrom({ first, check }: ReadSoFar): number {
  return first?.seq ?? check.from ?? 1;
}

function nextSeq({ order, unread }: ReadSoFar): number {
  return (order.expected ?? 1) + unread;
}
