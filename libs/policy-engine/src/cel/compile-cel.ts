import { celEnv, celMethod, CelScalar, plan } from '@bufbuild/cel';

import type { ConditionTest } from '../conditions/condition-test.js';
import type { Compilation } from '../conditions/compilation.js';
import type { PatternCache } from '../conditions/pattern.js';
import { celCost } from './cel-cost.js';
import { CEL_STEP } from './cel-limits.js';
import { celSizeAt, celValues } from './cel-values.js';
import { parseCel } from './check-cel.js';

/**
 * Prepares a CEL expression that `checkCel` found good. It is an error, which denies, when it costs more than the decision
 * has left, when evaluating fails (a member that is not there, types that do not fit, a number out of range), and when the
 * result is neither true nor false.
 */
export function compileCel(source: string, compilation: Compilation): ConditionTest {
  const parsed = parseCel(source);
  if (!parsed.ok) return () => 'error';
  const evaluate = plan(environment(compilation.patterns), parsed.value);
  return (call, meter) => {
    const values = celValues(call, compilation);
    meter.stepsLeft -= celCost(parsed.value, (path) => celSizeAt(values, path), compilation.patterns) * CEL_STEP;
    if (!(meter.stepsLeft >= 0)) return 'error';
    try {
      const result = evaluate(values);
      if (result === true) return 'yes';
      return result === false ? 'no' : 'error';
    } catch {
      // Whatever stops the evaluator must deny this call, not fail the caller of `decide`.
      return 'error';
    }
  };
}

/** The standard functions, patterns by the engine's own compiler, each compiled once. */
function environment(patterns: PatternCache) {
  const matches = celMethod('matches', CelScalar.STRING, [CelScalar.STRING], CelScalar.BOOL, function (pattern) {
    const compiled = patterns.get(pattern);
    if (!compiled.ok) throw new Error(compiled.refusal);
    return compiled.value.find(this);
  });
  return celEnv({ funcs: [matches] });
}
