import type { DomainFact } from '@sallyport/domain-events';

import type { Reveal } from './reveal.js';

/** A reveal nobody asked for. */
export const noReveal: Reveal = { status: 'absent' };

/** The reveal after one more fact of its stream; facts of other kinds leave it as it is. */
export function evolveReveal(reveal: Reveal, fact: DomainFact): Reveal {
  switch (fact.type) {
    case 'reveal.requested':
      return { status: 'requested', ...fact.data };
    case 'reveal.confirmed': {
      const { confirmedBy, readBy, reads } = fact.data;
      return reveal.status === 'requested' ? { ...reveal, status: 'confirmed', confirmedBy, readBy, reads, readings: 0 } : reveal;
    }
    case 'reveal.read':
      return reveal.status === 'confirmed' ? { ...reveal, readings: fact.data.reading } : reveal;
    case 'reveal.refused':
      return { status: 'refused' };
    case 'reveal.expired':
      return { status: 'expired' };
    default:
      return reveal;
  }
}
