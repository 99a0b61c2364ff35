import { defineFaults } from '@sallyport/kernel';

/** What can keep a service of this machine from running. */
export const servicesFault = defineFaults('services', {
  cannot_be_had: {
    kind: 'input',
    retry: 'after_change',
    publicText: 'A service that this deployment needs is not here and cannot be brought up.',
  },
  start_failed: { kind: 'upstream', retry: 'after_change', publicText: 'A service of this machine did not start.' },
});
