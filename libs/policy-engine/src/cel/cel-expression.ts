import type { parse } from '@bufbuild/cel';

/** One node of a parsed CEL expression, macros written out. */
export type CelExpression = ReturnType<typeof parse>['expr'];

/** A macro written out: `accuVar` starts as `accuInit` and takes `loopStep` for each element of `iterRange`. */
export type CelComprehension = Extract<CelExpression['exprKind'], { case: 'comprehensionExpr' }>['value'];

/** A call of a function, a method or an operator. */
export type CelCall = Extract<CelExpression['exprKind'], { case: 'callExpr' }>['value'];

/** The text of a literal string; undefined for any other expression. */
export function literalText(expression: CelExpression | undefined): string | undefined {
  if (expression?.exprKind.case !== 'constExpr') return undefined;
  const { constantKind } = expression.exprKind.value;
  return constantKind.case === 'stringValue' ? constantKind.value : undefined;
}

/** The nodes right below one, those of a macro in the order of `CelComprehension`. */
export function partsOf({ exprKind }: CelExpression): readonly CelExpression[] {
  switch (exprKind.case) {
    case 'selectExpr':
      return present([exprKind.value.operand]);
    case 'callExpr':
      return present([exprKind.value.target, ...exprKind.value.args]);
    case 'listExpr':
      return exprKind.value.elements;
    case 'structExpr':
      return exprKind.value.entries.flatMap(({ keyKind, value }) => present([keyKind.case === 'mapKey' ? keyKind.value : undefined, value]));
    case 'comprehensionExpr': {
      const { accuInit, iterRange, loopCondition, loopStep, result } = exprKind.value;
      return present([accuInit, iterRange, loopCondition, loopStep, result]);
    }
    case 'identExpr':
    case 'constExpr':
    case undefined:
      return [];
  }
}

function present(parts: readonly (CelExpression | undefined)[]): readonly CelExpression[] {
  return parts.filter((part) => part !== undefined);
}
