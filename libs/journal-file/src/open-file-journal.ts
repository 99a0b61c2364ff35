import { join } from 'node:path';

import { journalFault } from '@sallyport/audit';
import { lockFolder } from '@sallyport/folder-lock';
import { Fault } from '@sallyport/kernel';

import { FileJournal } from './file-journal.js';
import { completeOptions, type FileJournalOptions } from './file-journal-options.js';
import { journalFileFault } from './journal-file-faults.js';
import { recoverFolder } from './recover-folder.js';

/** The lock file's name in a journal's folder. */
const LOCK_FILE = 'journal.lock';

/**
 * Opens a folder as this worker's journal: takes its lock, reads what an earlier process left, completes its orphans as
 * `abandoned`, and begins to ship.
 *
 * @throws {Fault} `journal_file.in_use` while another process, or this one, has the folder open; `journal_file.misconfigured`;
 *   `journal.broken` when the folder cannot be written. A full disk is no reason not to open: decisions are refused until there is room.
 */
export async function openFileJournal(options: FileJournalOptions): Promise<FileJournal> {
  const complete = completeOptions(options);
  complete.files.makeFolder(complete.folder);
  const unlock = lockJournal(complete.folder);
  try {
    const recovered = await recoverFolder(complete.files, complete.folder);
    const journal = new FileJournal(complete, recovered, unlock);
    await journal.begin();
    return journal;
  } catch (caught) {
    unlock();
    throw caught instanceof Fault ? caught : journalFault.broken(`the journal in ${complete.folder} cannot be opened`, {}, caught);
  }
}

function lockJournal(folder: string): () => void {
  const locked = lockFolder(join(folder, LOCK_FILE));
  if (locked.ok) return locked.value;
  const holder = locked.refusal;
  if (holder.kind === 'owner') throw journalFileFault.in_use(`process ${holder.pid} uses the journal in ${folder}`, { pid: holder.pid });
  throw journalFileFault.in_use(`another process is taking over ${folder}; if none is running, remove ${holder.guard}`);
}
