import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { SequencedRecord } from '@sallyport/audit';
import { FakeClock, ManualScheduler } from '@sallyport/kernel/testing';

import type { FileJournal } from '../file-journal.js';
import type { FileJournalOptions } from '../file-journal-options.js';
import { nodeFiles } from '../journal-files.js';
import { openFileJournal } from '../open-file-journal.js';
import { readJournalFolder } from '../recover-folder.js';
import { FailingFiles } from './failing-files.js';

/** A folder of its own for one test, with everything a journal is handed, under the test's control. */
export class JournalPlace {
  readonly folder = mkdtempSync(join(tmpdir(), 'sallyport-journal-'));
  readonly clock = new FakeClock();
  readonly scheduler = new ManualScheduler(this.clock);
  readonly files = new FailingFiles();
  /** Codes of the faults given to `onBroken`. */
  readonly broken: string[] = [];
  private readonly opened: FileJournal[] = [];

  /** Opens the folder with small segments, as the next incarnation. */
  async open(over: Partial<FileJournalOptions> = {}): Promise<FileJournal> {
    const incarnation = `0199c2a0-7b00-7000-8000-${String(this.opened.length + 1).padStart(12, '0')}`;
    const journal = await openFileJournal({
      folder: this.folder,
      incarnation,
      clock: this.clock,
      scheduler: this.scheduler,
      files: this.files,
      random: () => 1,
      segmentBytes: 16_384,
      maxBytes: 1_048_576,
      onBroken: (fault) => this.broken.push(fault.code),
      ...over,
    });
    this.opened.push(journal);
    return journal;
  }

  /** What a look at the folder finds, whoever has it open. */
  kept(): Promise<readonly SequencedRecord[]> {
    return readJournalFolder(nodeFiles, this.folder);
  }

  /** Names of the segment files, in order. */
  segmentNames(): readonly string[] {
    return readdirSync(this.folder).filter((name) => name.endsWith('.segment')).sort();
  }

  /** Changes a file's bytes in place, as a bad disk would. */
  damage(name: string, change: (bytes: Buffer) => Buffer | void): void {
    const path = join(this.folder, name);
    const bytes = readFileSync(path);
    writeFileSync(path, change(bytes) ?? bytes);
  }

  /** Closes what is open and deletes the folder. */
  async remove(): Promise<void> {
    for (const journal of this.opened) await journal.close().catch(() => {});
    rmSync(this.folder, { recursive: true, force: true });
  }
}
