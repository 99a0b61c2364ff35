import { defineFaults } from '@sallyport/kernel';

/** What can stop a worker's journal. */
export const journalFault = defineFaults('journal', {
  full: { kind: 'limit', retry: 'after_wait', publicText: 'The audit record could not be kept, so the call was not made. Try again later.' },
  broken: { kind: 'invariant', retry: 'never', publicText: 'The audit record could not be kept, so the call was not made.' },
});
