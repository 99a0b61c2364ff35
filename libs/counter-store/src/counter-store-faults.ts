import { defineFaults } from '@sallyport/kernel';

/** What can stop a counter store. Hard limits deny on each of them. */
export const counterFault = defineFaults('counter', {
  unavailable: { kind: 'upstream', retry: 'after_wait', publicText: 'The limits of this call could not be checked, so it was not made. Try again later.' },
  reset: { kind: 'upstream', retry: 'after_wait', publicText: 'The limits of this call are being restored, so it was not made. Try again later.' },
  invalid_ask: { kind: 'invariant', retry: 'never', publicText: 'The limits of this call could not be checked, so it was not made.' },
});
