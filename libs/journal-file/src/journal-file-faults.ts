import { defineFaults } from '@sallyport/kernel';

/** What can keep a journal's folder from being opened. */
export const journalFileFault = defineFaults('journal_file', {
  in_use: { kind: 'state', retry: 'after_change', publicText: 'Another process is using this journal.' },
  misconfigured: { kind: 'input', retry: 'after_change', publicText: 'The journal is not configured correctly.' },
});

/** Whether a caught error says that the file system has no room. */
export function saysNoSpace(caught: unknown): boolean {
  return caught instanceof Error && 'code' in caught && (caught.code === 'ENOSPC' || caught.code === 'EDQUOT');
}
