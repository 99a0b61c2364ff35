import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { anyFact } from './testing/any-event.js';
import { EXAMPLE_FACTS } from './testing/example-facts.js';
import { CURRENT_VERSIONS, upcast, type UpcastSteps } from './upcast.js';

/** A type that stands at version 3, with every step there. */
const KNOWN: UpcastSteps = {
  current: { 'grant.sung': 3 },
  steps: {
    'grant.sung@1': (data) => ({ ...data, verses: 1 }),
    'grant.sung@2': ({ verses, ...rest }) => ({ ...rest, verses: [verses] }),
  },
};

describe('upcasting', () => {
  it('leaves a fact of the current version as it is', () => {
    fc.assert(fc.property(anyFact, (fact) => void expect(upcast(fact)).toEqual({ ok: true, value: fact })));
  });

  it('knows a current version of every fact', () => {
    for (const version of Object.values(CURRENT_VERSIONS)) expect(version).toBeGreaterThan(0);
  });

  it('takes an old fact through every step to the current version', () => {
    expect(upcast({ type: 'grant.sung', version: 1, data: { by: 'x' } }, KNOWN)).toEqual({
      ok: true,
      value: { type: 'grant.sung', version: 3, data: { by: 'x', verses: [1] } },
    });
    expect(upcast({ type: 'grant.sung', version: 2, data: { verses: 4 } }, KNOWN)).toMatchObject({ value: { data: { verses: [4] } } });
  });

  it('takes an identity from before there were groups as one that is in none', () => {
    const { identityId, name, kind, labels } = EXAMPLE_FACTS['identity.created'].data;
    const data = { identityId, name, kind, labels };
    expect(upcast({ type: 'identity.created', version: 1, data })).toEqual({ ok: true, value: { type: 'identity.created', version: 2, data: { ...data, groups: [] } } });
  });

  it('refuses a type it does not know, also one that every object has', () => {
    for (const type of ['grant.hummed', 'constructor', '__proto__']) {
      expect(upcast({ type, version: 1, data: {} }, KNOWN)).toEqual({ ok: false, refusal: 'unknown_fact' });
    }
  });

  it('refuses a version that is newer than this code, and one whose step is missing', () => {
    expect(upcast({ type: 'grant.sung', version: 4, data: {} }, KNOWN)).toEqual({ ok: false, refusal: 'unknown_fact' });
    expect(upcast({ type: 'grant.sung', version: 1, data: {} }, { ...KNOWN, steps: {} })).toEqual({ ok: false, refusal: 'unknown_fact' });
  });
});
