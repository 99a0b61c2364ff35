import { defineFaults } from '@sallyport/kernel';

/** What can go wrong in exporting that is not the receiver's doing. */
export const sinksFault = defineFaults('sinks', {
  cursor_back: { kind: 'invariant', retry: 'never', publicText: 'The export could not be recorded.' },
  event_astray: { kind: 'invariant', retry: 'never', publicText: 'The export stopped before an event that could not be accounted for.' },
  store_unreachable: { kind: 'upstream', retry: 'after_wait', publicText: 'The store of exports does not answer. Try again in a moment.' },
});
