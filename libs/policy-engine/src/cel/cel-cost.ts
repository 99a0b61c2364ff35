import type { PatternCache } from '../conditions/pattern.js';
import { literalText, partsOf, type CelCall, type CelComprehension, type CelExpression } from './cel-expression.js';

/** How much a value holds: its values and characters, and how many elements a macro ranges over. */
export interface CelSize {
  readonly size: number;
  readonly count: number;
}

/** The size of what stands at a path of a call, `['args', 'items']`; an upper bound where it is not known. */
export type SizeAt = (path: readonly string[]) => CelSize;

interface Estimate extends CelSize {
  readonly cost: number;
}

type Scope = ReadonlyMap<string, CelSize>;

const BOOLEANS = new Set(['_==_', '_!=_', '_<_', '_<=_', '_>_', '_>=_', '_&&_', '_||_', '!_', '@in', '@not_strictly_false', 'contains', 'startsWith', 'endsWith', 'matches', 'bool']);
const NOTHING: Estimate = { cost: 0, size: 0, count: 0 };
const SMALLEST: CelSize = { size: 1, count: 0 };
const CONVERTED = 40;

/**
 * What evaluating an expression costs at most, in operations: found by walking it once, so a macro costs its body times what
 * it may range over, whatever it stops at in truth.
 */
export function celCost(expression: CelExpression, sizeAt: SizeAt, patterns: PatternCache): number {
  return new Estimator(sizeAt, patterns).of(expression, new Map()).cost;
}

class Estimator {
  constructor(
    private readonly sizeAt: SizeAt,
    private readonly patterns: PatternCache,
  ) {}

  of(expression: CelExpression, scope: Scope): Estimate {
    const path = pathOf(expression);
    if (path !== undefined && !scope.has(path[0] ?? '')) return { cost: path.length, ...this.sizeAt(path) };
    const { exprKind } = expression;
    switch (exprKind.case) {
      case 'identExpr':
        return { cost: 1, ...(scope.get(exprKind.value.name) ?? NOTHING) };
      case 'constExpr':
        return { cost: 1, size: literalText(expression)?.length ?? 1, count: 0 };
      case 'callExpr':
        return this.call(exprKind.value, this.all(partsOf(expression), scope));
      case 'comprehensionExpr':
        return this.macro(exprKind.value, scope);
      case 'selectExpr':
      case 'listExpr':
      case 'structExpr':
      case undefined: {
        const parts = this.all(partsOf(expression), scope);
        const size = total(parts, 'size') + 1;
        return { cost: total(parts, 'cost') + 1, size, count: exprKind.case === 'selectExpr' ? size : parts.length };
      }
    }
  }

  private all(parts: readonly CelExpression[], scope: Scope): readonly Estimate[] {
    return parts.map((part) => this.of(part, scope));
  }

  /** A call looks at all of what it is given. */
  private call({ function: name, args }: CelCall, given: readonly Estimate[]): Estimate {
    const size = total(given, 'size');
    const cost = total(given, 'cost') + 1;
    if (BOOLEANS.has(name)) return { cost: cost + size * (name === 'matches' ? this.patternSize(literalText(args.at(-1))) : 1), size: 1, count: 0 };
    if (name === '_?_:_') return { cost, size, count: total(given, 'count') };
    if (name === '_[_]') return { cost: cost + size, size: given[0]?.size ?? 1, count: given[0]?.size ?? 1 };
    return { cost: cost + size, size: name === '_+_' ? size : size + CONVERTED, count: total(given, 'count') };
  }

  /**
   * Costs are sums of products of sizes, so over elements of together size S they come to no more than every round with the
   * smallest element and one with all of S. The accumulator grows likewise: no macro of the language lets its body see it.
   */
  private macro({ accuVar, accuInit, iterVar, iterVar2, iterRange, loopCondition, loopStep, result }: CelComprehension, scope: Scope): Estimate {
    const start = this.given(accuInit, scope);
    const range = this.given(iterRange, scope);
    const within = (element: CelSize, accu: CelSize): Scope => new Map([...scope, [iterVar, element], [iterVar2, element], [accuVar, accu]]);
    const all: CelSize = { size: range.size, count: range.size };
    const small = this.given(loopStep, within(SMALLEST, NOTHING));
    const large = this.given(loopStep, within(all, NOTHING));
    const carries = this.given(loopStep, within(SMALLEST, SMALLEST)).size > small.size;
    const rounds = carries ? range.count : 1;
    const grown: CelSize = { size: start.size + rounds * small.size + large.size, count: start.count + rounds * small.count + large.count };
    const round = (element: CelSize): number => this.given(loopCondition, within(element, grown)).cost + this.given(loopStep, within(element, grown)).cost + 1;
    const end = this.given(result, within(SMALLEST, grown));
    return { cost: start.cost + range.cost + range.count * round(SMALLEST) + round(all) + end.cost, size: end.size, count: end.count };
  }

  private patternSize(pattern: string | undefined): number {
    const compiled = pattern === undefined ? undefined : this.patterns.get(pattern);
    return compiled?.ok === true ? compiled.value.size : Number.POSITIVE_INFINITY;
  }

  private given(expression: CelExpression | undefined, scope: Scope): Estimate {
    return expression === undefined ? NOTHING : this.of(expression, scope);
  }
}

/** The names of a plain path, `args.items`; undefined for any other expression. */
function pathOf(expression: CelExpression): readonly string[] | undefined {
  const names: string[] = [];
  let at: CelExpression | undefined = expression;
  while (at?.exprKind.case === 'selectExpr' && !at.exprKind.value.testOnly) {
    names.push(at.exprKind.value.field);
    at = at.exprKind.value.operand;
  }
  return at?.exprKind.case === 'identExpr' ? [at.exprKind.value.name, ...names.reverse()] : undefined;
}

function total(estimates: readonly Estimate[], of: keyof Estimate): number {
  return estimates.reduce((sum, estimate) => sum + estimate[of], 0);
}
