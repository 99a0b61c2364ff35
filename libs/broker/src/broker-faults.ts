import { defineFaults } from '@sallyport/kernel';

/** What can come between us and a broker. */
export const brokerFault = defineFaults('broker', {
  unreachable: { kind: 'upstream', retry: 'after_wait', publicText: 'The message broker does not answer just now.' },
  refused: { kind: 'access', retry: 'after_change', publicText: 'The message broker does not let this process do that.' },
  no_topic: { kind: 'state', retry: 'after_change', publicText: 'The message broker lacks a topic.' },
  topic_differs: { kind: 'state', retry: 'after_change', publicText: 'A topic of the message broker is not as Sallyport needs it.' },
  too_large: { kind: 'input', retry: 'never', publicText: 'A record is larger than the message broker takes.' },
  bad_key: { kind: 'invariant', retry: 'never', publicText: 'A record has a key that cannot be published.' },
  batch_failed: { kind: 'invariant', retry: 'after_wait', publicText: 'Records could not be taken and will be delivered again.' },
  closed: { kind: 'state', retry: 'after_wait', publicText: 'Sallyport is stopping. Try again in a moment.' },
});
