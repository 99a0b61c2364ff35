import { join } from 'node:path';

import type { SequencedRecord } from '@sallyport/audit';

import type { JournalFiles, SegmentFile } from './journal-files.js';
import { isAfter, type JournalPosition } from './journal-position.js';
import { NEW_FOLDER, POSITION_FILE, readPositionFile, type PositionState, type UnendedDecision } from './position-file.js';
import { readSegment, recordOf, type Damage, type SegmentContent, type TornTail } from './segment-content.js';
import { SEGMENT_SUFFIX, type Segment } from './segment-pool.js';

/** What was found in a folder when it was opened. */
export interface RecoveryReport {
  /** Good records found, those among them that had been shipped. */
  readonly records: number;
  /** Places where records are missing or unreadable though good ones follow. Nothing before or after is given up. */
  readonly damaged: readonly Damage[];
  /** Last records that were begun and not finished; nobody was told that they were kept. */
  readonly torn: readonly TornTail[];
  /** Admitted decisions without an end, now completed as `abandoned`. */
  readonly orphans: number;
}

/** A folder's content, ready to be carried on. */
export interface RecoveredFolder {
  readonly state: PositionState;
  readonly segments: readonly Segment[];
  readonly idle: readonly { readonly name: string; readonly file: SegmentFile }[];
  readonly orphans: readonly UnendedDecision[];
  /** Records not acknowledged yet. */
  readonly unshipped: number;
  readonly report: RecoveryReport;
}

/**
 * Reads everything an earlier process left in a folder that this process has locked.
 *
 * A position file that is lost makes every record count as new: they are shipped again, which the bus tolerates, and the loss is
 * reported as damage.
 */
export async function recoverFolder(files: JournalFiles, folder: string): Promise<RecoveredFolder> {
  const names = files.list(folder);
  for (const name of names) if (name.endsWith('.new')) files.remove(join(folder, name));
  const read = readPositionFile(files, folder);
  const state = read ?? NEW_FOLDER;
  const reader = new FolderReader(state);
  for (const name of names.filter((one) => one.endsWith(SEGMENT_SUFFIX)).sort()) {
    const file = await files.openSegment(join(folder, name));
    reader.take(name, file, await file.read(0, file.bytes));
  }
  const recovered = reader.finish();
  const hasLostPosition = read === null && (recovered.segments.length > 0 || names.includes(POSITION_FILE));
  if (!hasLostPosition) return recovered;
  const lost = { segment: POSITION_FILE, offset: 0, bytes: null, missing: 0 };
  return { ...recovered, report: { ...recovered.report, damaged: [lost, ...recovered.report.damaged] } };
}

/** Reads the records of a folder in order without locking or changing it; what is acknowledged may be missing. */
export async function readJournalFolder(files: JournalFiles, folder: string): Promise<readonly SequencedRecord[]> {
  const { forgotten } = readPositionFile(files, folder) ?? NEW_FOLDER;
  const found: (JournalPosition & { readonly record: SequencedRecord })[] = [];
  for (const name of files.list(folder).filter((one) => one.endsWith(SEGMENT_SUFFIX))) {
    const file = await files.openSegment(join(folder, name));
    const { frames, buffer } = readSegment(name, await file.read(0, file.bytes), forgotten);
    file.close();
    for (const frame of frames) {
      const record = recordOf(buffer, frame);
      if (record !== null) found.push({ generation: frame.generation, seq: frame.seq, record });
    }
  }
  return found.sort((a, b) => (isAfter(a, b) ? 1 : -1)).map((one) => one.record);
}

class FolderReader {
  private readonly segments: (Segment & { readonly startsAt: number })[] = [];
  private readonly idle: { name: string; file: SegmentFile }[] = [];
  private readonly damaged: Damage[] = [];
  private readonly torn: TornTail[] = [];
  private readonly begun = new Map<string, UnendedDecision>();
  private readonly ended = new Set<string>();
  private records = 0;
  private unshipped = 0;

  constructor(private readonly state: PositionState) {
    for (const decision of state.unended) this.begun.set(decision.decisionId, decision);
  }

  take(name: string, file: SegmentFile, buffer: Buffer): void {
    const content = readSegment(name, buffer, this.state.forgotten);
    const firstAtMs = this.takeRecords(content);
    this.damaged.push(...content.damaged);
    if (content.torn !== null) this.torn.push(content.torn);
    const first = content.frames[0];
    const last = content.frames.at(-1);
    if (first === undefined || last === undefined) {
      this.idle.push({ name, file });
      return;
    }
    const { generation } = last;
    const positions = { first: { generation, seq: first.seq }, last: { generation, seq: last.seq } };
    this.segments.push({ name, file, written: last.end, ...positions, firstAtMs, startsAt: first.offset });
  }

  finish(): RecoveredFolder {
    const segments = this.segments.sort((a, b) => (a.first !== null && b.first !== null && isAfter(a.first, b.first) ? 1 : -1));
    this.findGaps();
    const orphans = [...this.begun.values()].filter((decision) => !this.ended.has(decision.decisionId));
    const generation = Math.max(this.state.generation, ...segments.map((segment) => segment.last?.generation ?? 0));
    const report = { records: this.records, damaged: this.damaged, torn: this.torn, orphans: orphans.length };
    const state = { ...this.state, generation };
    return { state, segments, idle: this.idle, orphans, unshipped: this.unshipped, report };
  }

  private takeRecords(content: SegmentContent): number {
    let firstAtMs = 0;
    for (const frame of content.frames) {
      const read = recordOf(content.buffer, frame);
      if (read === null) {
        this.damaged.push({ segment: content.name, offset: frame.offset, bytes: frame.end - frame.offset, missing: 1 });
        continue;
      }
      const { record } = read;
      this.records += 1;
      if (isAfter(frame, this.state.acknowledged)) this.unshipped += 1;
      if (firstAtMs === 0) firstAtMs = record.at;
      if (record.kind === 'completed') this.ended.add(record.decisionId);
      else if (record.kind === 'decided' && record.effect === 'allow') this.begin(record);
    }
    return firstAtMs;
  }

  private begin({ decisionId, organisationId }: UnendedDecision): void {
    this.begun.set(decisionId, { decisionId, organisationId });
  }

  /** Records missing between one segment's last and the next one's first. */
  private findGaps(): void {
    let before: JournalPosition = this.state.forgotten;
    let previous: Segment | null = null;
    for (const segment of this.segments) {
      const { first, last, startsAt } = segment;
      if (first === null || last === null) continue;
      const expected = first.generation === before.generation ? before.seq + 1 : 1;
      const missing = first.seq - expected;
      if (startsAt > 0) this.damaged.push({ segment: segment.name, offset: 0, bytes: startsAt, missing });
      else if (missing > 0) this.damaged.push({ ...endOf(previous ?? segment), bytes: null, missing });
      before = last;
      previous = segment;
    }
  }
}

function endOf(segment: Segment): Pick<Damage, 'segment' | 'offset'> {
  return { segment: segment.name, offset: segment.written };
}
