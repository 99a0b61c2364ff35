import { defineFaults } from '@sallyport/kernel';

/** What can stop a reader or a writer of the event log. An event that cannot be read is `wire.undecodable`. */
export const eventLogFault = defineFaults('event_log', {
  moved_on: { kind: 'state', retry: 'after_reload', publicText: 'Someone else changed this first. Reload and try again.' },
  unreachable: { kind: 'upstream', retry: 'after_wait', publicText: 'The change could not be saved just now. Try again in a moment.' },
  closed: { kind: 'state', retry: 'after_wait', publicText: 'Sallyport is stopping. Try again in a moment.' },
  rewound: { kind: 'invariant', retry: 'never', publicText: 'The stored history is shorter than what was already applied.' },
});
