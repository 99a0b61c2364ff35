import { anyEvent, EXAMPLE_FACTS } from '@sallyport/domain-events/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { eventToGraphql } from './event-to-graphql.js';

describe('an event in GraphQL', () => {
  it('leaves out hashes, wrapped keys and sealed values, of every fact there is', () => {
    fc.assert(fc.property(anyEvent, fc.constantFrom(...Object.values(EXAMPLE_FACTS)), (event, fact) => {
      for (const shown of [eventToGraphql(event), eventToGraphql({ ...event, fact })]) {
        expect(JSON.stringify(shown.data)).not.toMatch(/"(?:secretHash|wrappedKey|sealedValue)"/);
      }
    }));
  });

  it('keeps the rest of the fact', () => {
    const [event] = fc.sample(anyEvent, 1);
    if (event === undefined) throw new Error('no sample');
    const fact = EXAMPLE_FACTS['member.added'];
    expect(eventToGraphql({ ...event, fact })).toMatchObject({ type: 'member.added', data: fact.data });
  });
});
