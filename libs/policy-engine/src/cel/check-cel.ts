import { parse } from '@bufbuild/cel';
import { ok, refuse, type Result } from '@sallyport/kernel';

import { celCost } from './cel-cost.js';
import { literalText, partsOf, type CelExpression } from './cel-expression.js';
import { CEL_STEP, CEL_VARIABLES } from './cel-limits.js';
import { PatternCache } from '../conditions/pattern.js';
import { MAX_STEPS } from '../conditions/truth.js';

const MAX_NESTED = 32;
/** What every expression must be able to look at: this many values and characters at each path. */
const SMALLEST_CALL = { size: 200, count: 200 };
const MAX_MACROS_NESTED = 4;
const TYPES = ['int', 'uint', 'double', 'bool', 'string', 'bytes', 'list', 'map', 'null_type', 'type'];
const OPERATORS = [
  '_+_', '_-_', '_*_', '_/_', '_%_', '-_', '!_', '_==_', '_!=_', '_<_', '_<=_', '_>_', '_>=_', '_&&_', '_||_', '_?_:_', '_[_]', '@in', '@not_strictly_false',
];
const FUNCTIONS = [
  'size', 'contains', 'startsWith', 'endsWith', 'matches', 'int', 'uint', 'double', 'bool', 'string', 'bytes', 'type', 'dyn', 'timestamp', 'duration',
  'getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear', 'getHours', 'getMinutes', 'getSeconds', 'getMilliseconds',
];
const KNOWN = new Set([...OPERATORS, ...FUNCTIONS]);
const NEVER_BOOL = new Set(['_+_', '_-_', '_*_', '_/_', '_%_', '-_', 'size', 'int', 'uint', 'double', 'string', 'bytes', 'type', 'timestamp', 'duration']);

/** Why a pattern is refused, or undefined. */
export type PatternCheck = (pattern: string) => string | undefined;

/**
 * Parses and checks a CEL expression: only the variables and functions there are, patterns written out and of the
 * linear-time dialect, a result that can be true or false, and a cost that a call can afford.
 *
 * @returns A sentence when it is refused.
 */
export function checkCel(source: string, refusalOfPattern: PatternCheck): Result<CelExpression, string> {
  if (nesting(source) > MAX_NESTED) return refuse(`A CEL expression is nested at most ${MAX_NESTED} levels deep.`);
  const parsed = parseCel(source);
  if (!parsed.ok) return parsed;
  const refusal = refusalOf(parsed.value, { names: CEL_VARIABLES, macros: 0, refusalOfPattern }) ?? (canBeBool(parsed.value) ? undefined : 'This CEL expression is never true or false.');
  if (refusal !== undefined) return refuse(refusal);
  if (celCost(parsed.value, () => SMALLEST_CALL, new PatternCache()) * CEL_STEP > MAX_STEPS) return refuse('This CEL expression costs more than a call may; use fewer macros within macros.');
  return parsed;
}

/** Parses a CEL expression; a sentence where it cannot be read. */
export function parseCel(source: string): Result<CelExpression, string> {
  try {
    return ok(parse(source).expr);
  } catch (caught) {
    const where = caught instanceof Error ? /<input>:(\d+):(\d+)/.exec(caught.message) : null;
    return refuse(where === null ? 'This is not a CEL expression.' : `This is not a CEL expression: it cannot be read from line ${where[1]}, column ${where[2]}.`);
  }
}

/** Brackets, unary operators and choices open at once, texts and comments not told apart: never less than the parser recurses. */
function nesting(source: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of source.matchAll(/[([{?]|[)\]}]|[!-]+/g)) {
    if (token === ')' || token === ']' || token === '}') depth = Math.max(0, depth - 1);
    else if (/^[!-]/.test(token)) deepest = Math.max(deepest, depth + token.length);
    else depth += 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

interface Scope {
  readonly names: ReadonlySet<string>;
  /** How many macros are around. */
  readonly macros: number;
  readonly refusalOfPattern: PatternCheck;
}

function refusalOf(expression: CelExpression, scope: Scope): string | undefined {
  const { exprKind } = expression;
  switch (exprKind.case) {
    case 'identExpr':
      return scope.names.has(exprKind.value.name) || TYPES.includes(exprKind.value.name) ? undefined : `There is no "${exprKind.value.name}". There are ${[...CEL_VARIABLES].join(', ')}.`;
    case 'callExpr':
      return refusalOfCall(exprKind.value.function, exprKind.value.args, scope.refusalOfPattern) ?? firstRefusal(partsOf(expression), scope);
    case 'structExpr':
      if (exprKind.value.messageName !== '') return 'Messages cannot be made here.';
      return firstRefusal(partsOf(expression), scope);
    case 'comprehensionExpr': {
      const { iterRange, iterVar, iterVar2, accuVar } = exprKind.value;
      if (scope.macros >= MAX_MACROS_NESTED) return `Macros stand at most ${MAX_MACROS_NESTED} deep within each other.`;
      const body = { ...scope, macros: scope.macros + 1, names: new Set([...scope.names, iterVar, iterVar2, accuVar]) };
      const rest = partsOf(expression).filter((part) => part !== iterRange);
      return (iterRange === undefined ? undefined : refusalOf(iterRange, scope)) ?? firstRefusal(rest, body);
    }
    case 'constExpr':
    case 'selectExpr':
    case 'listExpr':
      return firstRefusal(partsOf(expression), scope);
    case undefined:
      return 'This is not a CEL expression.';
  }
}

function firstRefusal(parts: readonly CelExpression[], scope: Scope): string | undefined {
  for (const part of parts) {
    const refusal = refusalOf(part, scope);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function refusalOfCall(name: string, args: readonly CelExpression[], refusalOfPattern: PatternCheck): string | undefined {
  if (!KNOWN.has(name)) return `There is no function "${name}". There are ${FUNCTIONS.join(', ')}.`;
  if (name !== 'matches') return undefined;
  const pattern = literalText(args.at(-1));
  return pattern === undefined ? 'The pattern of "matches" must be written out as a text.' : refusalOfPattern(pattern);
}

function canBeBool({ exprKind }: CelExpression): boolean {
  switch (exprKind.case) {
    case 'constExpr':
      return exprKind.value.constantKind.case === 'boolValue';
    case 'callExpr':
      return !NEVER_BOOL.has(exprKind.value.function);
    case 'listExpr':
    case 'structExpr':
      return false;
    default:
      return true;
  }
}
