import { defineFaults } from '@sallyport/kernel';

/** What can go wrong with trees and notes when the caller breaks their contract; what a log may have wrong is a finding, not a fault. */
export const chainFault = defineFaults('audit_chain', {
  bad_frontier: { kind: 'invariant', retry: 'never', publicText: 'The state of the audit log\'s tree is not one that a tree can have.' },
  bad_tile: { kind: 'invariant', retry: 'never', publicText: 'A tile of the audit log\'s tree is missing or has another width.' },
  bad_range: { kind: 'input', retry: 'after_change', publicText: 'The tree of the audit log has no such leaf or size.' },
  bad_note: { kind: 'input', retry: 'after_change', publicText: 'The text cannot be signed as a note.' },
});
