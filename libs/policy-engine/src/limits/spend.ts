import { ONE, branded, formatDecimal, parseDecimal, type Decimal, type EpochMs } from '@sallyport/kernel';

import { isNumber } from '../compare-numbers.js';
import { compileReadOne, type ReadOne } from '../conditions/read-path.js';
import type { Limit, LimitScope } from '../document.js';
import type { LimitAsk, ToolCall } from '../verdict.js';
import { sayWindow, windowMsOf, windowStart } from './window.js';

/** A limit ready to say what a call would take. */
export interface PlannedLimit {
  readonly ruleId: string;
  readonly counter: string;
  readonly scope: LimitScope;
  readonly windowMs: number;
  readonly max: Decimal;
  /** Reads the amount counted; undefined where every call counts as 1. */
  readonly readAmount: ReadOne | undefined;
  readonly message: string;
  /** One line for people. */
  readonly what: string;
}

/** Prepares one limit. */
export function planLimit(limit: Limit, ruleId: string): PlannedLimit {
  const counted = limit.incrementFrom === undefined ? 'calls' : `of ${limit.incrementFrom.text}`;
  const size = `${formatDecimal(limit.max)} ${counted} in ${sayWindow(limit.window)} for each ${limit.scope}`;
  return {
    ruleId,
    counter: limit.counter,
    scope: limit.scope,
    windowMs: windowMsOf(limit.window),
    max: limit.max,
    readAmount: limit.incrementFrom === undefined ? undefined : compileReadOne(limit.incrementFrom),
    message: limit.onDeny ?? `The limit of ${size} is reached.`,
    what: `limit ${limit.counter}: ${size}`,
  };
}

/** What a call would take of a limit; undefined when the amount is missing, no number, negative or over 400 digits. */
export function askOf(limit: PlannedLimit, call: ToolCall): LimitAsk | undefined {
  const units = limit.readAmount === undefined ? ONE : amountOf(limit.readAmount, call);
  if (units === undefined) return undefined;
  const start = windowStart(call.atMs, limit.windowMs);
  return {
    ruleId: limit.ruleId,
    counter: limit.counter,
    scope: limit.scope,
    scopeValue: limit.scope === 'grant' ? call.grant.id : call.session.id,
    windowStartMs: branded<EpochMs>(start),
    windowEndMs: branded<EpochMs>(start + limit.windowMs),
    units,
    max: limit.max,
    message: limit.message,
  };
}

function amountOf(read: ReadOne, call: ToolCall): Decimal | undefined {
  const value = read(call);
  const amount = isNumber(value) ? parseDecimal(value) : undefined;
  return amount === undefined || amount.coefficient < 0n ? undefined : amount;
}
