import { describe, expect, it } from 'vitest';

import { EndOfTurn, type PutOff } from './end-of-turn.js';

/** A turn that ends when the test says so, and steps that write their name down. */
function turns(): { readonly turn: EndOfTurn; readonly taken: string[]; ends(): void; step(name: string, then?: () => void): PutOff } {
  const scheduled: (() => void)[] = [];
  const taken: string[] = [];
  return {
    turn: new EndOfTurn((take) => scheduled.push(take)),
    taken,
    ends: () => scheduled.shift()?.(),
    step: (name, then) => ({
      atEndOfTurn: () => {
        taken.push(name);
        then?.();
      },
    }),
  };
}

describe('the end of a turn', () => {
  it('takes every step of the turn once, in order, and none before', () => {
    const { turn, taken, ends, step } = turns();
    for (const name of ['first', 'second', 'third']) turn.add(step(name));
    expect(taken).toEqual([]);
    ends();
    ends();
    expect(taken).toEqual(['first', 'second', 'third']);
  });

  it('leaves a step that comes while steps are taken to the next turn', () => {
    const { turn, taken, ends, step } = turns();
    turn.add(step('first', () => turn.add(step('second'))));
    ends();
    expect(taken).toEqual(['first']);
    ends();
    expect(taken).toEqual(['first', 'second']);
  });

  it('takes the steps behind one that throws, which is thrown', () => {
    const { turn, taken, ends, step } = turns();
    const fail = (): never => {
      throw new Error('foreseen by nobody');
    };
    for (const made of [step('first'), step('bad', fail), step('third')]) turn.add(made);
    expect(ends).toThrow('foreseen by nobody');
    ends();
    expect(taken).toEqual(['first', 'bad', 'third']);
  });

  it('ends by itself, without a timer', async () => {
    const taken: string[] = [];
    new EndOfTurn().add({ atEndOfTurn: () => taken.push('taken') });
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toEqual(['taken']);
  });
});
