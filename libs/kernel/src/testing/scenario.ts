import { expect } from 'vitest';

import type { Result } from '../result.js';

/** One aggregate's rules: how facts change its state, and what a command means for that state. */
export interface Rules<State, Command, Fact, Refusal> {
  readonly initial: State;
  evolve(state: State, fact: Fact): State;
  decide(command: Command, state: State): Result<readonly Fact[], Refusal>;
}

/** The last step of given / when / then. */
export interface Outcome<Fact, Refusal> {
  produces(...facts: readonly Fact[]): void;
  isRefused(refusal: Refusal): void;
}

/** Business tests as sentences: `scenario(rules).given(facts…).when(command).produces(facts…)`. */
export function scenario<State, Command, Fact, Refusal>(rules: Rules<State, Command, Fact, Refusal>) {
  return {
    given: (...facts: readonly Fact[]) => ({
      when: (command: Command): Outcome<Fact, Refusal> => {
        const state = facts.reduce((before, fact) => rules.evolve(before, fact), rules.initial);
        const decided = rules.decide(command, state);
        return {
          produces: (...wanted) => expect(decided).toEqual({ ok: true, value: wanted }),
          isRefused: (refusal) => expect(decided).toEqual({ ok: false, refusal }),
        };
      },
    }),
  };
}
