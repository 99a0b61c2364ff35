import type { DomainEvent } from '@sallyport/domain-events';

/**
 * State as a fold of events, oldest first: `foldEvents(events, evolve, initial)`.
 * `evolve` sees each fact with the event that carries it, and returns the next state without changing the last.
 */
export function foldEvents<State>(
  events: Iterable<DomainEvent>,
  evolve: (state: State, fact: DomainEvent['fact'], event: DomainEvent) => State,
  initial: State,
): State {
  let state = initial;
  for (const event of events) state = evolve(state, event.fact, event);
  return state;
}
