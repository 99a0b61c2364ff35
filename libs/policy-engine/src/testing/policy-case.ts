import { branded, formatDecimal, isJsonObject, type EpochMs, type JsonObject } from '@sallyport/kernel';

import { readJson } from '../parse/read-json.js';
import type { ToolCall, Verdict } from '../verdict.js';
import { aToolCall } from './a-tool-call.js';

/** One call of a case and what it must come to. `record` holds the fields of the decision record that the case is about. */
export interface PolicyCaseStep {
  readonly call: ToolCall;
  readonly verdict: Readonly<Record<string, unknown>>;
  readonly record: Readonly<Record<string, unknown>>;
}

/** One golden case: `shows` is the sentence under test, `policy` the document's text. */
export interface PolicyCase {
  readonly shows: string;
  readonly policy: string;
  readonly steps: readonly PolicyCaseStep[];
}

interface RawCase {
  readonly shows: string;
  readonly policy: object | string;
  readonly calls: readonly RawStep[];
}

interface RawStep {
  readonly call: Partial<Omit<ToolCall, 'args' | 'atMs'>> & { readonly args?: object; readonly argsText?: string; readonly at?: string };
  readonly verdict: Readonly<Record<string, unknown>>;
  readonly record?: Readonly<Record<string, unknown>>;
}

/**
 * Reads a case file's parsed YAML: `shows`, `policy` (or its JSON text, where numbers must stay exact), and `calls`, each
 * with `call` (`args` or `argsText`, `at` as an ISO instant, and what else `aToolCall` should not choose), `verdict` and `record`.
 */
export function policyCase(source: unknown): PolicyCase {
  const raw = source as RawCase;
  return {
    shows: raw.shows,
    policy: typeof raw.policy === 'string' ? raw.policy : JSON.stringify(raw.policy),
    steps: raw.calls.map(({ call, verdict, record }) => ({ call: caseCall(call), verdict, record: record ?? {} })),
  };
}

/** A verdict as case files write it: amounts as plain decimals, windows as ISO instants. */
export function verdictAsWritten(verdict: Verdict): Readonly<Record<string, unknown>> {
  if (verdict.effect === 'deny') return { ...verdict };
  const asks = verdict.asks.map(({ windowStartMs, windowEndMs, units, max, ...ask }) => ({
    ...ask,
    window: `${new Date(windowStartMs).toISOString()}/${new Date(windowEndMs).toISOString()}`,
    units: formatDecimal(units),
    max: formatDecimal(max),
  }));
  return { ...verdict, asks };
}

/** What the decision record says of a call that the engine alone decided. */
export function recordAsWritten(call: ToolCall, verdict: Verdict): Readonly<Record<string, unknown>> {
  return {
    tool: call.tool,
    argumentKeys: Object.keys(call.args).sort(),
    effect: verdict.effect,
    ruleId: verdict.ruleId,
    reasonCode: verdict.effect === 'deny' ? verdict.reasonCode : null,
  };
}

function caseCall({ args, argsText, at, ...about }: RawStep['call']): ToolCall {
  const call = { ...about, args: exactArguments(argsText ?? JSON.stringify(args ?? {})) };
  return aToolCall(at === undefined ? call : { ...call, atMs: branded<EpochMs>(Date.parse(at)) });
}

function exactArguments(text: string): JsonObject {
  const read = readJson(text);
  if (!read.ok || !isJsonObject(read.value)) throw new Error('the arguments of this case are not a JSON object');
  return read.value;
}
