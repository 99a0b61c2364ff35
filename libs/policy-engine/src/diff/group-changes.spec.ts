import { describe, expect, it } from 'vitest';

import { aPolicyDocument } from '../testing/a-policy.js';
import { groupChange, type StepPlan } from './group-changes.js';
import { policySections } from './policy-sections.js';
import { sectionSteps } from './policy-step.js';
import type { ToolClass } from './tool-class.js';

const PAY: ToolClass = { tool: 'pay', labels: undefined };
const PLENTY = 200_000;

function planOf(ruleBefore: object, ruleAfter: object): StepPlan {
  const [before, after] = [ruleBefore, ruleAfter].map((rule) => policySections(aPolicyDocument({ tools: { pay: rule } }))) as [StepPlan['before'], StepPlan['after']];
  const keys = new Set([...before, ...after].map(({ key }) => key));
  const sections = [...keys].map((wanted) => sectionSteps(...([before, after].map((all) => all.find(({ key }) => key === wanted)) as Parameters<typeof sectionSteps>)));
  return { before, rezoned: before, after, steps: [...sections.flatMap(({ coming }) => coming), ...sections.flatMap(({ going }) => going)] };
}

/** Rules that meet in so many ways that no diagram of them is small. */
const tangled = (value: number): object => ({
  deny_if: Array.from({ length: 35 }, (_, index) => ({
    conditions: [
      { path: `args.f${index}`, op: 'gt', value: value + index },
      { path: `args.f${(index * 17 + 5) % 35}`, op: 'gt', value: value + index + 1 },
    ],
  })),
});
const above = (...bounds: readonly number[]): object => ({ deny_if: bounds.map((value) => ({ conditions: [{ path: 'args.a', op: 'gt', value }] })) });

/** What a group changes, and what it took of so many steps. */
function asked(before: object, after: object, steps: number) {
  const allowance = { steps };
  const change = groupChange(PAY, planOf(before, after), allowance);
  return { kind: change.kind, changes: change.kind === 'steps' ? [...change.steps.values()] : [], took: steps - allowance.steps };
}

describe('what comparing one group of tools may cost', () => {
  it('is taken from what all groups may', () => {
    expect(asked(above(1), above(2), PLENTY).took).toBeGreaterThan(0);
    expect(asked(above(1), above(1), PLENTY)).toEqual({ kind: 'same', changes: [], took: 0 });
  });

  it('is a quarter of all at the most, and no more than there is, but never so little that a small group cannot be compared', () => {
    const took = (steps: number): number => asked(tangled(0), tangled(100), steps).took;
    const [most, some, least] = [took(PLENTY), took(20_000), took(0)];
    expect([0 < least, least < some, some < most]).toEqual([true, true, true]);
    expect([some <= 20_000, least <= 2_000]).toEqual([true, true]);
    expect([took(50_000), took(2_000), took(-50_000)]).toEqual([most, least, least]);
    expect(asked(above(1), above(2), -50_000)).toMatchObject({ kind: 'steps', changes: ['loosened'] });
  });

  it('is spent on the rules that differ alone, once all is taken: then what the others make pointless is not seen', () => {
    expect(asked(above(1), above(1, 5), PLENTY)).toMatchObject({ kind: 'same' });
    expect(asked(above(1), above(1, 5), 0)).toMatchObject({ kind: 'steps', changes: ['tightened'] });
  });
});
