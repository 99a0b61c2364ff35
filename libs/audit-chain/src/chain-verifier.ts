import type { JsonObject } from '@sallyport/kernel';

import { encodeBase64 } from './base64.js';
import { streamOfOrigin, type ChainCheck } from './chain-check.js';
import { verdictCode, type ChainReport, type HeadReport, type TrailerReport } from './chain-report.js';
import { checkTrailer } from './check-trailer.js';
import { parseTrailer } from './export-trailer.js';
import { FindingList, MAX_FINDINGS, type Finding } from './finding.js';
import { KeyTrust } from './key-trust.js';
import type { FileLine } from './line-splitter.js';
import { ObservedClock } from './observed-clock.js';
import { readLine, type EventLineProblem } from './read-event-line.js';
import type { ReadEvent } from './read-event.js';
import { SequenceTracker } from './sequence-tracker.js';
import { TreeWatch } from './tree-watch.js';

const PROBLEM: Readonly<Record<EventLineProblem, string>> = {
  not_canonical: 'the line is not the canonical JSON (RFC 8785) of one object',
  not_an_event: 'the line is no audit event',
  hash_does_not_match: 'the event has not the hash that it says',
};

/** Checks an export line by line, in memory that does not grow with it. Total: no line makes it throw. */
export class ChainVerifier {
  private readonly findings = new FindingList();
  private readonly notices: string[] = [];
  private readonly undecided: string[] = [];
  private readonly order: SequenceTracker;
  private readonly tree: TreeWatch;
  private readonly trust: KeyTrust;
  private readonly clock = new ObservedClock();
  private head: { readonly seq: number; readonly hash: string } | undefined;
  private first: ReadEvent | undefined;
  private last: ReadEvent | undefined;
  private stream: string | undefined;
  private trailer: JsonObject | undefined;
  private lines = 0;
  private events = 0;
  private isCut = false;
  private unknownHeads = 0;
  /** The number after the highest that was read; `undefined` before the first event. */
  private reached: number | undefined;
  /** Lines that could not be read and have their numbers only from what follows; the first of them with their sentences. */
  private held: { readonly line: number; readonly detail: string }[] = [];
  private heldCount = 0;
  private leadingUnread = 0;
  private foreign: ReadEvent | undefined;

  constructor(private readonly check: ChainCheck) {
    this.order = new SequenceTracker(check.from);
    this.tree = new TreeWatch(check.sha256, check.against?.checkpoint.size);
    this.trust = new KeyTrust(check.keys, check);
  }

  /** Takes the next line. */
  line(line: FileLine): void {
    this.lines += 1;
    if (this.trailer !== undefined) return this.find({ kind: 'out_of_order', seq: this.nextSeq(), detail: 'a line stands after the trailer, which is the last of an export' });
    if (!line.isEnded) {
      this.isCut = true;
      return this.find({ kind: 'missing', seq: this.nextSeq(), detail: 'the file was cut: its last line is not ended' });
    }
    const read = line.isTooLong ? ({ kind: 'problem', problem: 'not_an_event' } as const) : readLine(line.bytes, this.check.sha256);
    if (read.kind === 'problem') return this.unreadable(PROBLEM[read.problem]);
    if (read.kind === 'event') return this.event(read.event);
    this.trailer = read.trailer;
  }

  /** What was found. Call once, after the last line. */
  finish(): ChainReport {
    const claimed = this.trailer === undefined ? undefined : parseTrailer(this.trailer);
    this.tellForeign(claimed?.stream);
    const unread = this.placeHeld((this.check.from ?? claimed?.firstSeq ?? 1) + this.heldCount);
    const { findings, notices, undecided, tree, trust, order, check, first, last, stream, lines, leadingUnread, isCut, trailer } = this;
    const ended = checkTrailer({ findings, notices, undecided, tree, trust, order, check, first, last, stream, lines, unread, leadingUnread, isCut, trailer });
    this.tellNotices();
    const root = first === undefined || findings.total > 0 ? undefined : tree.rootAt(tree.size);
    return {
      code: verdictCode(findings.code, undecided),
      undecided,
      findings: findings.list(),
      findingsTotal: findings.total,
      notices,
      events: this.events,
      ...(stream === undefined ? {} : { stream }),
      ...spanOf(first, last),
      ...(root === undefined ? {} : { root: encodeBase64(root) }),
      ...reported(ended),
      announcedKeys: trust.announced,
    };
  }

  private event(event: ReadEvent): void {
    if (!this.isOfTheStream(event)) return this.unreadable('the event belongs to another stream');
    const unread = this.placeHeld(event.seq);
    if (this.first === undefined) this.leadingUnread += unread;
    this.reached = Math.max(this.reached ?? 0, event.seq + 1);
    if (!this.isAskedFor(event.seq)) return;
    const place = this.order.take(event.seq, unread);
    if (place.kind === 'again') return this.disorder({ kind: 'duplicate', seq: event.seq, detail: 'the event stands in the file more than once' });
    if (place.kind === 'late') return this.disorder({ kind: 'out_of_order', seq: event.seq, detail: `the event stands after event ${this.head?.seq ?? event.seq}` });
    if (place.kind === 'ahead') this.tree.breakOff();
    this.inItsPlace(event);
  }

  private inItsPlace(event: ReadEvent): void {
    const { head } = this;
    if (head?.seq === event.seq - 1 && head.hash !== event.prevHash) {
      this.find({ kind: 'modified', seq: head.seq, toSeq: event.seq, detail: `event ${event.seq} was not chained to the event ${head.seq} that stands before it: one of the two is another` });
    }
    const backMs = this.clock.take(event);
    const { clockSlackMs } = this.check;
    if (clockSlackMs !== undefined && backMs > clockSlackMs) this.find({ kind: 'clock_went_back', seq: event.seq, detail: `the event was observed ${backMs} ms before one in front of it` });
    const untrusted = this.trust.take(event);
    if (untrusted !== undefined) this.find({ kind: 'bad_signature', seq: event.seq, detail: untrusted });
    this.recordedHead(event);
    this.tree.append(event.leaf);
    this.head = { seq: event.seq, hash: event.hash };
    this.first ??= event;
    this.last = event;
    this.events += 1;
  }

  /** An `audit.checkpoint` says which head was signed: the events before it must have it. */
  private recordedHead({ seq, checkpoint }: ReadEvent): void {
    if (checkpoint === undefined || this.first?.seq !== 1) return;
    const root = checkpoint.size < seq ? this.tree.rootAt(checkpoint.size) : undefined;
    if (root === undefined) this.unknownHeads += 1;
    else if (encodeBase64(root) !== checkpoint.root) this.find({ kind: 'modified', seq, detail: `the log recorded another head for its first ${checkpoint.size} events than they have` });
  }

  private unreadable(detail: string): void {
    if (this.held.length < MAX_FINDINGS) this.held.push({ line: this.lines, detail });
    this.heldCount += 1;
    this.head = undefined;
  }

  /** Gives the lines that could not be read the numbers before the next event's. Answers how many of them were asked for. */
  private placeHeld(next: number): number {
    const from = this.reached ?? Math.max(1, next - this.heldCount);
    let asked = 0;
    for (let at = 0; at < this.heldCount; at += 1) {
      if (!this.isAskedFor(from + at)) continue;
      asked += 1;
      this.findings.add({ kind: 'modified', seq: from + at, ...(this.held[at] ?? { detail: 'the line is no event as it was written' }) });
    }
    if (asked > 0) this.tree.breakOff();
    this.held = [];
    this.heldCount = 0;
    return asked;
  }

  /** Where neither an event nor the trailer is of a log whose key was given, it is the key that is another. */
  private tellForeign(claimed: string | undefined): void {
    const { foreign } = this;
    if (foreign === undefined || this.stream !== undefined || this.check.keys.some(({ name }) => streamOfOrigin(name) === claimed)) return;
    this.find({ kind: 'bad_signature', seq: foreign.seq, detail: 'none of the keys given is of the log that the events are of' });
    this.held = [];
    this.heldCount = 0;
  }

  private disorder(finding: Finding): void {
    this.tree.breakOff();
    this.find(finding);
  }

  private find(finding: Finding): void {
    this.findings.add({ ...finding, line: this.lines });
  }

  /** The number that the line at hand should have. */
  private nextSeq(): number {
    return (this.reached ?? this.check.from ?? 1) + this.heldCount;
  }

  private isAskedFor(seq: number): boolean {
    const { from, to } = this.check;
    return seq >= (from ?? seq) && seq <= (to ?? seq);
  }

  private isOfTheStream(event: ReadEvent): boolean {
    const { keys } = this.check;
    if (this.stream === undefined && (keys.length === 0 || keys.some(({ name }) => streamOfOrigin(name) === event.stream))) this.stream = event.stream;
    if (this.stream !== event.stream) this.foreign ??= event;
    return this.stream === event.stream;
  }

  private tellNotices(): void {
    const { regressions, longestMs } = this.clock;
    if (regressions > 0) this.notices.push(`The sequencer's clock went back ${regressions} times, by at most ${longestMs} ms.`);
    if (this.unknownHeads > 0) this.notices.push(`${this.unknownHeads} heads that the log recorded could not be compared.`);
  }
}

function spanOf(first: ReadEvent | undefined, last: ReadEvent | undefined): Partial<ChainReport> {
  if (first === undefined || last === undefined) return {};
  return { firstSeq: first.seq, lastSeq: last.seq, firstTime: first.time, lastTime: last.time, lastHash: last.hash };
}

function reported({ trailer, heads }: { readonly trailer?: TrailerReport; readonly heads: readonly HeadReport[] }): Pick<ChainReport, 'trailer' | 'heads'> {
  return { ...(trailer === undefined ? {} : { trailer }), heads };
}
