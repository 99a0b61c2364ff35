import { defineFaults } from '@sallyport/kernel';

/** What can stop the first run. */
export const bootstrapFault = defineFaults('bootstrap', {
  no_organisation: { kind: 'state', retry: 'after_change', publicText: 'There is no organisation yet: start once without an existing token.' },
  refused: { kind: 'invariant', retry: 'never', publicText: 'The deployment could not be set up.' },
});
