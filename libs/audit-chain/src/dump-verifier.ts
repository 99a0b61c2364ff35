import { streamOfOrigin } from './chain-check.js';
import { verdictCode, type ChainReport, type HeadReport } from './chain-report.js';
import { GENESIS_SENTENCES, checkGenesis } from './check-genesis.js';
import { headReport } from './check-proofs.js';
import type { OpenedCheckpoint } from './checkpoint.js';
import { FindingList, type Finding } from './finding.js';
import { HashTable } from './hash-table.js';
import { isSameBytes, parseHex } from './hex.js';
import type { FileLine } from './line-splitter.js';
import type { InclusionProofText } from './proof-text.js';
import { readLine } from './read-event-line.js';
import type { ReadEvent } from './read-event.js';
import { TreeFrontier } from './tree-frontier.js';
import type { Sha256 } from './tree-hash.js';
import { verifyInclusion } from './verify-proofs.js';

/** What a receiver's dump is held against. */
export interface DumpCheck {
  /** The signed head that says what the receiver should have. */
  readonly against: OpenedCheckpoint;
  /** The first event that the receiver was sent; above 1 a proof has to tie the events to the head. */
  readonly from: number;
  /** An event's place in the head's tree; all events before it hang on it by the chain. */
  readonly proof?: Pick<InclusionProofText, 'index' | 'proof'>;
  readonly sha256: Sha256;
}

/** Of events that are newer than the head, so many are kept: what nobody signed for must not take memory without end. */
const MAX_BEYOND = 1_048_576;

/**
 * Checks what a receiver kept: the events' own lines, which may stand in any order and more than once, as at-least-once delivery brings them.
 * Keeps 33 bytes for each event, and as many again for one that comes before its forerunner. Total: no line makes it throw.
 */
export class DumpVerifier {
  private readonly findings = new FindingList();
  private readonly hashes = new HashTable();
  /** `prev_hash` by the number of the event that should have that hash, where that one came later or not at all. */
  private readonly wanted = new HashTable();
  private first: ReadEvent | undefined;
  private isOfFirstKey = true;
  private before = 0;
  private tooFar = 0;
  private trailers = 0;
  private lines = 0;
  private repeated = 0;
  private beyond = 0;
  private highest = 0;

  constructor(private readonly check: DumpCheck) {}

  /** Takes the next line. */
  line(line: FileLine): void {
    this.lines += 1;
    const read = readLine(line.bytes, this.check.sha256);
    if (line.isTooLong || !line.isEnded || read.kind === 'problem') return this.unread();
    if (read.kind === 'event') this.event(read.event);
    else this.trailers += 1;
  }

  /** What was found. Call once, after the last line. */
  finish(): ChainReport {
    const { from, against } = this.check;
    this.findMissing();
    const head = this.compareHead();
    const notices = [...this.genesisNotices(), ...this.countNotices()];
    const undecided = this.tooFar > 0 ? [`${this.tooFar} events are more than ${MAX_BEYOND} behind the checkpoint's last: the links between them were not checked. It takes a newer checkpoint.`] : [];
    const size = this.hashes.size;
    return {
      code: verdictCode(this.findings.code, undecided),
      undecided,
      findings: this.findings.list(),
      findingsTotal: this.findings.total,
      notices,
      stream: streamOfOrigin(against.checkpoint.origin),
      events: size,
      ...(size === 0 ? {} : { firstSeq: from, lastSeq: this.highest }),
      heads: [head],
      announcedKeys: [],
    };
  }

  private event(event: ReadEvent): void {
    const { seq, leaf, prevHash } = event;
    const { from, against } = this.check;
    if (event.stream !== streamOfOrigin(against.checkpoint.origin)) return this.find({ kind: 'modified', seq, detail: 'the event belongs to another stream' });
    if (seq < from) {
      this.before += 1;
      return;
    }
    if (seq > against.checkpoint.size + MAX_BEYOND) {
      this.tooFar += 1;
      return;
    }
    const before = this.hashes.get(seq);
    if (before !== undefined) return this.again(seq, isSameBytes(before, leaf));
    this.hashes.set(seq, leaf);
    this.highest = Math.max(this.highest, seq);
    if (seq > against.checkpoint.size) this.beyond += 1;
    else this.isOfFirstKey &&= event.keyEpoch === 1 && event.announced === undefined;
    if (seq === 1) this.first = event;
    else this.link(seq - 1, parseHex(prevHash) ?? leaf);
    const wanted = this.wanted.get(seq);
    if (wanted !== undefined && !isSameBytes(wanted, leaf)) this.broken(seq);
  }

  private again(seq: number, isSame: boolean): void {
    if (isSame) this.repeated += 1;
    else this.find({ kind: 'modified', seq, detail: 'two different events have this number' });
  }

  private link(seq: number, prevHash: Uint8Array): void {
    const before = this.hashes.get(seq);
    if (before === undefined && seq >= this.check.from) this.wanted.set(seq, prevHash);
    if (before !== undefined && !isSameBytes(before, prevHash)) this.broken(seq);
  }

  private broken(seq: number): void {
    this.find({ kind: 'modified', seq, toSeq: seq + 1, detail: `event ${seq + 1} was not chained to the event ${seq} of the dump: one of the two is another` });
  }

  /** Its number cannot be told: what it was shows as missing, unless it came another time too. */
  private unread(): void {
    this.find({ kind: 'modified', seq: Math.max(this.highest + 1, this.check.from), detail: 'the line is no event as it was written' });
  }

  private findMissing(): void {
    const { from, against } = this.check;
    for (let seq = from; seq <= against.checkpoint.size; seq += 1) {
      if (this.hashes.get(seq) !== undefined) continue;
      const start = seq;
      while (seq < against.checkpoint.size && this.hashes.get(seq + 1) === undefined) seq += 1;
      this.findings.add({ kind: 'missing', seq: start, ...(seq > start ? { toSeq: seq } : {}), detail: start === seq ? 'the event is missing' : `events ${start} to ${seq} are missing` });
    }
  }

  private genesisNotices(): readonly string[] {
    const { first, isOfFirstKey, check: { against, sha256 } } = this;
    if (first === undefined || this.findings.total > 0) return [];
    const result = checkGenesis({ first, keys: against.note.verified.map(({ key }) => key), heads: [against], isOfFirstKey }, sha256);
    if (result === 'different') this.findings.add({ kind: 'modified', seq: 1, detail: GENESIS_SENTENCES.different });
    return result === 'unknown_key' ? [GENESIS_SENTENCES.unknown_key] : [];
  }

  private countNotices(): readonly string[] {
    const { repeated, beyond, before, trailers, check } = this;
    return [
      ...(repeated > 0 ? [`${repeated} lines repeat an event that was there already, as at-least-once delivery may.`] : []),
      ...(beyond > 0 ? [`${beyond} events are newer than the checkpoint: their hashes are right, and no head vouches for them yet.`] : []),
      ...(before > 0 ? [`${before} lines are events before event ${check.from}, which were not asked for.`] : []),
      ...(trailers > 0 ? [`${trailers} lines are trailers of exports, which were not looked at.`] : []),
    ];
  }

  private compareHead(): HeadReport {
    const { checkpoint } = this.check.against;
    const isComparable = this.findings.total === 0;
    const isSame = isComparable && (this.check.from === 1 ? this.hasRoot() : this.hasProof());
    if (isComparable && !isSame) {
      this.findings.add({ kind: 'modified', seq: this.check.from, toSeq: checkpoint.size, detail: `the events are not those of the signed checkpoint of ${checkpoint.size}` });
    }
    return headReport(this.check.against, isComparable ? isSame : undefined);
  }

  private hasRoot(): boolean {
    const { checkpoint } = this.check.against;
    const tree = new TreeFrontier(this.check.sha256);
    for (let seq = 1; seq <= checkpoint.size; seq += 1) tree.append(this.hashes.get(seq) ?? new Uint8Array(checkpoint.root.length));
    return isSameBytes(tree.root(), checkpoint.root);
  }

  /** The proof is of the last event that the head counts, or of one before it; then those behind it are not tied to the head. */
  private hasProof(): boolean {
    const { against: { checkpoint }, proof, sha256 } = this.check;
    const leaf = proof === undefined ? undefined : this.hashes.get(proof.index + 1);
    if (proof === undefined || leaf === undefined || proof.index + 1 !== checkpoint.size) return false;
    return verifyInclusion({ leaf, index: proof.index, size: checkpoint.size, root: checkpoint.root, proof: proof.proof }, sha256);
  }

  private find(finding: Finding): void {
    this.findings.add({ ...finding, line: this.lines });
  }
}
