import { isJsonObject } from '@sallyport/kernel';

import type { CompiledPolicy, Denial } from '../compiled-policy.js';
import { allOf, compileCondition } from '../conditions/compile-condition.js';
import type { ConditionTest } from '../conditions/condition-test.js';
import { MAX_STEPS } from '../conditions/truth.js';
import { readJson } from '../parse/read-json.js';
import { denial } from '../plan-section.js';
import { elementIds } from '../rule-ids.js';
import type { PlacedResponse, ToolCall } from '../verdict.js';
import { planRedactions, type RedactionPlan } from './redaction-plan.js';
import { redactMessage, type RemovedValue } from './redact-message.js';
import type { KeyedHash } from './redact-text.js';

/** The most of an answer that is held whole for rules to look at, in bytes. A larger one is refused. */
export const MAX_HELD_BYTES = 4 * 1_048_576;

/**
 * What became of one message of an answer. `unchanged`: the very bytes may go on. `rewritten`: `message` goes on instead, one
 * line of JSON where the original was one. `denied`: nothing of it goes on.
 */
export type FilteredMessage =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'rewritten'; readonly message: string; readonly removed: readonly RemovedValue[]; readonly removedCount: number }
  | { readonly kind: 'denied'; readonly denial: Denial };

/** What a filter is asked with: the call as it was decided, and a hash with a key of the organisation. */
export interface FilterContext {
  readonly call: ToolCall;
  readonly hash: KeyedHash;
}

/** The response rules of one tool, ready to be asked about its answers. Immutable, shared by all calls. */
export interface ResponseFilter {
  /**
   * `counted`: the bytes may pass on while they are counted, and stop at `maxBytes`. `held`: nothing may pass on before the
   * message is whole and `filterMessage` has seen it; of more than `maxBytes` nothing ever does.
   */
  readonly handling: 'counted' | 'held';
  /** Of one message as the upstream sent it, in bytes. */
  readonly maxBytes: number;
  /** The refusal of a larger one. */
  readonly tooLarge: Denial;
  readonly redactions: RedactionPlan;
  readonly denials: readonly ResultDenial[];
}

/** One element of a rule's `deny_if`. */
interface ResultDenial {
  readonly holds: ConditionTest;
  readonly deniesUnknown: boolean;
  readonly denial: Denial;
  readonly failure: Denial;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const FILTERS = new WeakMap<readonly PlacedResponse[], ResponseFilter>();

/**
 * The filter for the answers of one tool; undefined where no rule asks anything, and bytes pass through untouched.
 *
 * @param responses Of the verdict that allowed the call. Its filter is made at the first call and kept with this very list.
 */
export function responseFilter(policy: CompiledPolicy, responses: readonly PlacedResponse[]): ResponseFilter | undefined {
  if (responses.length === 0) return undefined;
  const known = FILTERS.get(responses);
  if (known !== undefined) return known;
  const made = compileFilter(policy, responses);
  FILTERS.set(responses, made);
  return made;
}

/**
 * Asks the rules about one whole JSON-RPC message of an answer: a response, or a notification or request that comes before
 * it in a stream. In a result, an error and parameters, texts are searched by detectors; paths and `deny_if` are about the
 * result alone, and see it as the upstream sent it. An opaque `requestState` stays as it is.
 *
 * Total: bytes that are not UTF-8, not JSON or nested deeper than 64 levels are denied with `evaluation_error`.
 */
export function filterMessage(filter: ResponseFilter, message: Uint8Array, context: FilterContext): FilteredMessage {
  if (message.length > filter.maxBytes) return { kind: 'denied', denial: filter.tooLarge };
  const text = textOf(message);
  if (text === undefined) return { kind: 'denied', denial: unreadable(filter) };
  const refusal = resultDenial(filter, text, context.call);
  if (refusal !== undefined) return { kind: 'denied', denial: refusal };
  const redacted = redactMessage(text, filter.redactions, context.hash);
  if (redacted === undefined) return { kind: 'denied', denial: unreadable(filter) };
  if (redacted.message === undefined) return { kind: 'unchanged' };
  return { kind: 'rewritten', message: redacted.message, removed: redacted.removed, removedCount: redacted.removedCount };
}

function compileFilter(policy: CompiledPolicy, responses: readonly PlacedResponse[]): ResponseFilter {
  const redactions = planRedactions(responses);
  const denials = responses.flatMap((placed) => resultDenials(policy, placed));
  const looksInside = denials.length > 0 || redactions.detectors.length > 0 || redactions.paths.length > 0;
  const { maxBytes, tooLarge } = sizeLimit(responses, looksInside);
  return { handling: looksInside || maxBytes <= MAX_HELD_BYTES ? 'held' : 'counted', maxBytes, tooLarge, redactions, denials };
}

function sizeLimit(responses: readonly PlacedResponse[], looksInside: boolean): Pick<ResponseFilter, 'maxBytes' | 'tooLarge'> {
  const most = looksInside ? MAX_HELD_BYTES : Infinity;
  const smallest = responses.reduce<PlacedResponse | undefined>((least, each) => ((each.rule.maxBytes ?? Infinity) < (least?.rule.maxBytes ?? Infinity) ? each : least), undefined);
  const own = smallest?.rule.maxBytes ?? Infinity;
  if (smallest !== undefined && own <= most) {
    return { maxBytes: own, tooLarge: denial('rule_denied', `${smallest.ruleId}/max_bytes`, `The answer is larger than the ${own} bytes the policy allows.`) };
  }
  const ruleId = responses[0]?.ruleId ?? '';
  return { maxBytes: most, tooLarge: denial('evaluation_error', ruleId, `The answer is larger than the ${MAX_HELD_BYTES} bytes that rule ${ruleId} can look at.`) };
}

function resultDenials({ compilation }: CompiledPolicy, { ruleId, rule }: PlacedResponse): readonly ResultDenial[] {
  const ids = elementIds(`${ruleId}/deny_if`, rule.denyIf);
  return rule.denyIf.map((element, index) => {
    const id = ids[index] ?? ruleId;
    return {
      holds: allOf(element.conditions.map((condition) => compileCondition(condition, compilation))),
      deniesUnknown: element.onMissing === 'deny',
      denial: denial('rule_denied', id, element.onDeny ?? `The policy withholds this answer by rule ${id}.`),
      failure: denial('evaluation_error', id, `Rule ${id} could not be evaluated for this answer.`),
    };
  });
}

function resultDenial(filter: ResponseFilter, text: string, call: ToolCall): Denial | undefined {
  if (filter.denials.length === 0) return undefined;
  const read = readJson(text, MAX_HELD_BYTES);
  if (!read.ok || !isJsonObject(read.value)) return unreadable(filter);
  const { result } = read.value;
  if (!isJsonObject(result)) return undefined;
  const meter = { stepsLeft: MAX_STEPS };
  for (const { holds, deniesUnknown, denial: refusal, failure } of filter.denials) {
    const truth = holds({ ...call, result }, meter);
    if (truth === 'yes' || (truth === 'unknown' && deniesUnknown)) return refusal;
    if (truth === 'error') return failure;
  }
  return undefined;
}

function unreadable({ tooLarge }: ResponseFilter): Denial {
  return denial('evaluation_error', tooLarge.ruleId.replace(/\/max_bytes$/, ''), 'The answer cannot be read, so the rules about it cannot be kept.');
}

function textOf(message: Uint8Array): string | undefined {
  try {
    return UTF8.decode(message);
  } catch {
    // Not UTF-8: the caller answers for it.
    return undefined;
  }
}
