import { journalFault } from '@sallyport/audit';
import { Fault } from '@sallyport/kernel';

import { FileJournal } from './file-journal.js';
import { completeOptions, type FileJournalOptions } from './file-journal-options.js';
import { lockFolder } from './folder-lock.js';
import { recoverFolder } from './recover-folder.js';

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
  const unlock = lockFolder(complete.folder);
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
