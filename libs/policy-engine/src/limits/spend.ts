import { ONE, branded, formatDecimal, parseDecimal, type Decimal, type EpochMs, type JsonValue } from '@sallyport/kernel';

import { canonicalNumber, isNumber } from '../compare-numbers.js';
import type { Compilation } from '../conditions/compilation.js';
import { compileReadOne, type ReadOne } from '../conditions/read-path.js';
import type { Limit, LimitScope } from '../document.js';
import type { ApprovalTerms, LimitAlgorithm, LimitAsk, ToolCall } from '../verdict.js';
import { sayScope, scopeText } from './limit-settings.js';
import { monthEnd, monthStart, sayWindow, windowMsOf, windowStart } from './window.js';

const MAX_SCOPE_VALUE = 512;

/** A limit ready to say what a call would take. */
export interface PlannedLimit {
  readonly ruleId: string;
  readonly counter: string;
  readonly scope: string;
  readonly readScope: (call: ToolCall) => string | undefined;
  readonly algorithm: LimitAlgorithm;
  readonly calendar: 'month' | null;
  /** 0 for a month, and for `concurrent`. */
  readonly windowMs: number;
  readonly max: Decimal;
  /** Reads the amount counted; undefined where every call counts as 1. */
  readonly readAmount: ReadOne | undefined;
  readonly count: Limit['count'];
  readonly class: Limit['class'];
  readonly approval: ApprovalTerms | null;
  readonly message: string;
  /** One line for people. */
  readonly what: string;
}

/**
 * Prepares one limit.
 *
 * @param terms Under what a call over the limit may be approved, where the limit says that it may.
 */
export function planLimit(limit: Limit, place: { readonly ruleId: string; readonly terms: Omit<ApprovalTerms, 'ruleId' | 'message'> }, compilation: Compilation): PlannedLimit {
  const { ruleId, terms } = place;
  const counted = limit.incrementFrom === undefined ? 'calls' : `of ${limit.incrementFrom.text}`;
  const size = `${formatDecimal(limit.max)} ${counted} ${sayWindow(limit.window, limit.algorithm)} for each ${sayScope(limit.scope)}`;
  const message = limit.onDeny ?? `The limit of ${size} is reached.`;
  return {
    ruleId,
    counter: limit.counter,
    scope: scopeText(limit.scope),
    readScope: scopeReader(limit.scope, compilation),
    algorithm: limit.window === 'concurrent' ? 'concurrent' : limit.algorithm,
    calendar: limit.window === 'month' ? 'month' : null,
    windowMs: windowMsOf(limit.window) ?? 0,
    max: limit.max,
    readAmount: limit.incrementFrom === undefined ? undefined : compileReadOne(limit.incrementFrom, compilation),
    count: limit.count,
    class: limit.class,
    approval: limit.onExceed === 'require_approval' ? Object.freeze({ ruleId, ...terms, message }) : null,
    message,
    what: `limit ${limit.counter}: ${size}`,
  };
}

/**
 * What a call would take of a limit; undefined when the amount is missing, no number, negative or over 400 digits, or the
 * argument it is kept for is missing, no text, number or truth value, or over 512 characters.
 */
export function askOf(limit: PlannedLimit, call: ToolCall): LimitAsk | undefined {
  const units = limit.readAmount === undefined ? ONE : amountOf(limit.readAmount, call);
  const scopeValue = limit.readScope(call);
  if (units === undefined || scopeValue === undefined) return undefined;
  const start = limit.calendar === 'month' ? monthStart(call.atMs) : limit.algorithm === 'fixed' ? windowStart(call.atMs, limit.windowMs) : call.atMs;
  const end = limit.calendar === 'month' ? monthEnd(call.atMs) : start + limit.windowMs;
  return {
    ruleId: limit.ruleId,
    counter: limit.counter,
    scope: limit.scope,
    scopeValue,
    windowStartMs: branded<EpochMs>(start),
    windowEndMs: branded<EpochMs>(end),
    units,
    max: limit.max,
    message: limit.message,
    algorithm: limit.algorithm,
    calendar: limit.calendar,
    count: limit.count,
    class: limit.class,
    approval: limit.approval,
  };
}

function amountOf(read: ReadOne, call: ToolCall): Decimal | undefined {
  const value = read(call);
  const amount = isNumber(value) ? parseDecimal(value) : undefined;
  return amount === undefined || amount.coefficient < 0n ? undefined : amount;
}

function scopeReader(scope: LimitScope, compilation: Compilation): (call: ToolCall) => string | undefined {
  switch (scope) {
    case 'grant':
      return (call) => call.grant.id;
    case 'identity':
      return (call) => call.identity.id;
    case 'session':
      return (call) => call.session.id;
    case 'server':
      return (call) => call.server.slug;
    case 'organisation':
      return () => '';
    default: {
      const read = compileReadOne(scope.argument, compilation);
      return (call) => scopeValueOf(read(call));
    }
  }
}

/** Equal for values that are equal by `eq`, and for no others. */
function scopeValueOf(value: JsonValue | undefined): string | undefined {
  const text = isNumber(value) ? canonicalNumber(value) : typeof value === 'string' || typeof value === 'boolean' ? JSON.stringify(value) : undefined;
  return text === undefined || text.length > MAX_SCOPE_VALUE ? undefined : text;
}
