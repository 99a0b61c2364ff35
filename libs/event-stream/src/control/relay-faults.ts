import { defineFaults } from '@sallyport/kernel';

/** What the relay and the snapshotter tell the log; nobody outside sees them. */
export const relayFault = defineFaults('relay', {
  unreadable_event: { kind: 'invariant', retry: 'never', publicText: 'An event cannot be read by this version; workers refuse its organisation.' },
  unfoldable: { kind: 'invariant', retry: 'never', publicText: 'An organisation’s state cannot be folded by this version; workers refuse it.' },
  log_behind: { kind: 'invariant', retry: 'never', publicText: 'The stored history is shorter than what was published.' },
  spoiled_snapshot: { kind: 'access', retry: 'never', publicText: 'Somebody else wrote among the snapshots; they were published again.' },
  unreadable_report: { kind: 'state', retry: 'never', publicText: 'A worker reports what this version does not understand.' },
  failed: { kind: 'upstream', retry: 'after_wait', publicText: 'Changes could not be handed on to the workers just now.' },
});
