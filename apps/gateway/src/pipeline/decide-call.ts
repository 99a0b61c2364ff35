import type { Stamp } from '@sallyport/event-log';
import type { EpochMs, JsonObject } from '@sallyport/kernel';
import { answerRuleOf, decide, followsDefault, type ToolCall, type Verdict } from '@sallyport/policy-engine';

import { freshnessOf } from '../snapshot/freshness.js';
import type { GrantBinding } from '../snapshot/grant-binding.js';
import { NO_APPROVALS, ownDenial, type Admission, type CallDecision, type Denial } from './decision.js';

/** What of one `tools/call` a decision needs besides the binding. */
export interface CallFacts {
  readonly tool: string;
  readonly args: JsonObject;
  readonly at: EpochMs;
  /** The MCP session where there is one, else the credential. */
  readonly sessionId: string;
  /** Tool calls of the session before this one; `undefined` where the protocol keeps no session. */
  readonly sessionCalls: number | undefined;
  readonly clientName: string | null;
  /** Of flows, those that the caller's identity bears. */
  readonly marks: readonly string[];
}

/** The gates before any policy: the worker is fresh enough and the server in service. `null` when open. The credential was the gate before. */
export function gateOf(binding: GrantBinding, stamp: Stamp | null, now: EpochMs): Denial | null {
  const stale = freshnessOf(binding.organisation, stamp, now);
  if (stale !== null) return ownDenial(stale);
  return binding.server.disabled ? ownDenial('server_unavailable') : null;
}

/**
 * Decides one tool call behind the gates: definition approved and not quarantined, then the policy. Limits are named, not yet taken.
 *
 * A name that no rule allows is refused alike whether it exists or not; a definition that is missing or quarantined is told
 * to the caller only where the policy would have shown the tool.
 */
export function decideCall(binding: GrantBinding, call: CallFacts): CallDecision {
  const { policy, server } = binding;
  if (policy === null) return ownDenial('no_policy');
  const verdict = decide(policy.compiled, toolCallOf(binding, call));
  if (server.quarantined.has(call.tool)) return ownDenial('quarantined', shownOf(verdict));
  if (server.approved?.byName.has(call.tool) !== true) return undefinedTool(verdict, call.tool, followsDefault(policy.compiled) === 'allow');
  return verdict.effect === 'allow' ? verdict : denialOf(verdict);
}

/** The call as the engine takes it. */
export function toolCallOf({ callParts, toolLabels }: GrantBinding, call: CallFacts): ToolCall {
  return {
    tool: call.tool,
    args: call.args,
    atMs: call.at,
    grant: callParts.grant,
    identity: callParts.identity,
    server: callParts.server,
    session: { id: call.sessionId, calls: call.sessionCalls },
    client: { name: call.clientName },
    labels: toolLabels.of(call.tool),
    marks: call.marks,
  };
}

/** Methods that may bring the answer of an earlier `tools/call`, whichever tool it was of; listening does where it asks for tasks. */
const TASK_ANSWERS: ReadonlySet<string> = new Set(['tasks/get', 'tasks/result', 'subscriptions/listen']);
const UNHELD = 'The policy has rules about answers, and the answer of a task cannot be held to those of its tool.';

/** What a method without a section of its own gets: the policy's default; but an answer that would go around the policy's rules about answers is not fetched. */
export function decideByDefault({ policy }: GrantBinding, method: string): Admission | Denial {
  if (policy === null) return ownDenial('no_policy');
  if (followsDefault(policy.compiled) !== 'allow') return ownDenial('default_deny', 'default_deny');
  const ruleId = answerRuleOf(policy.compiled);
  if (ruleId === undefined || !TASK_ANSWERS.has(method)) return DEFAULT_ALLOW;
  return { ...ownDenial('default_deny'), reasonCode: 'rule_denied', ruleId, message: UNHELD };
}

/** Whether a client of the grant may have answers of tasks: where it may not, tasks are not offered. */
export function allowsTasks(binding: GrantBinding): boolean {
  return decideByDefault(binding, 'tasks/get').effect === 'allow';
}

const DEFAULT_ALLOW: Admission = { effect: 'allow', ruleId: '(default allow)', asks: [], responses: [], marks: [] };

/** A name that the server's approved list does not have. */
function undefinedTool(verdict: Verdict, tool: string, isOpen: boolean): Denial {
  if (verdict.effect === 'deny' && verdict.shown !== 'rule') return denialOf(verdict);
  const isUnnamed = isOpen && (verdict.effect === 'deny' || verdict.ruleId === DEFAULT_ALLOW.ruleId);
  return { ...ownDenial('quarantined', isUnnamed ? 'unknown_tool' : 'rule'), ...(isUnnamed ? { message: `Unknown tool: ${tool}` } : {}) };
}

function shownOf(verdict: Verdict): Denial['shown'] {
  return verdict.effect === 'deny' ? verdict.shown : 'rule';
}

/** What the engine's refusal comes to. */
export function denialOf(verdict: Extract<Verdict, { readonly effect: 'deny' }>): Denial {
  return {
    effect: 'deny',
    outcome: verdict.reasonCode === 'approval_required' ? 'approval_required' : 'denied',
    reasonCode: verdict.reasonCode,
    ruleId: verdict.ruleId,
    message: verdict.message,
    shown: verdict.shown,
    retryAfterMs: null,
    approvals: verdict.approvals ?? NO_APPROVALS,
  };
}
