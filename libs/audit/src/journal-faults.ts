import { defineFaults } from '@sallyport/kernel';

/** What can stop a worker's journal. */
export const journalFault = defineFaults('journal', {
  full: { kind: 'limit', retry: 'after_wait', publicText: 'The audit record could not be kept, so the call was not made. Try again later.' },
  too_large: { kind: 'input', retry: 'after_change', publicText: 'The call names too many arguments to be recorded, so it was not made.' },
  broken: { kind: 'invariant', retry: 'never', publicText: 'The audit record could not be kept, so the call was not made.' },
});
