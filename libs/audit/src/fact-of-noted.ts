import { microTime, type AuditActor, type AuditEventType, type AuditFact, type AuditOutcome, type Severity } from '@sallyport/audit-event';

import type { AuditDegraded, Degradation, FlowTainted, FreshnessChanged, LimitTripped, ListServed, Note, NotedCaller, NotedRecord, SignInsRefused } from './noted-record.js';

/** Which event each kind of note becomes. */
export const EVENT_OF_NOTE = {
  workerStarted: 'worker.start',
  workerStopped: 'worker.stop',
  freshnessChanged: 'worker.stale',
  signInsRefused: 'auth.failure',
  signedIn: 'auth.success',
  listServed: 'list.served',
  flowTainted: 'flow.tainted',
  limitTripped: 'limit.tripped',
  auditDegraded: 'audit.degraded',
} as const satisfies Record<Note['kind'], AuditEventType>;

/** What a note adds to the event that it becomes. */
type Told = Pick<AuditFact, 'severity' | 'outcome' | 'reason' | 'actor' | 'client' | 'source' | 'server' | 'mcp' | 'decision' | 'counted' | 'list'>;

/**
 * A worker's note as an audit event. The same note always becomes the same fact, so that one that comes twice can be told.
 *
 * @param incarnation The start of the worker that noted it: the instance that its calls name too. What is of the worker itself names that
 *   worker as the actor, which leads from one start to the next.
 */
export function factOfNoted({ eventId, organisationId, at, workerId, note }: NotedRecord, incarnation: string): AuditFact {
  return {
    event_id: eventId,
    ...(organisationId === null ? {} : { organisation_id: organisationId }),
    time: microTime(at),
    type: EVENT_OF_NOTE[note.kind],
    gateway: { instance_id: incarnation, ...(note.kind === 'workerStarted' ? { version: note.version } : {}) },
    ...(isOfWorker(note) ? { actor: { kind: 'system', name: workerId } } : {}),
    ...told(note, at),
  };
}

function isOfWorker({ kind }: Note): boolean {
  return kind === 'workerStarted' || kind === 'workerStopped' || kind === 'freshnessChanged' || kind === 'auditDegraded';
}

function told(note: Note, at: number): Told {
  switch (note.kind) {
    case 'workerStarted':
    case 'workerStopped':
      return { severity: 1, outcome: 'success' };
    case 'freshnessChanged':
      return freshness(note);
    case 'signInsRefused':
      return refusedSignIns(note);
    case 'signedIn':
      return { severity: 1, outcome: 'success', ...callerOf(note.caller) };
    case 'listServed':
      return servedList(note);
    case 'flowTainted':
      return taintedFlow(note);
    case 'limitTripped':
      return trippedLimit(note);
    case 'auditDegraded':
      return degradation(note, at);
  }
}

function freshness({ lost }: FreshnessChanged): Told {
  return lost === null ? { severity: 1, outcome: 'success', reason: 'fresh' } : { severity: 3, outcome: 'failure', reason: lost };
}

function refusedSignIns({ sourceIp, reason, tokenId, identityId, count, firstAt, lastAt }: SignInsRefused): Told {
  const actor: AuditActor = {
    kind: 'unknown',
    ...(identityId === null ? {} : { identity_id: identityId }),
    ...(tokenId === null ? {} : { credential_id: tokenId, credential_kind: 'grant_token' }),
    auth_method: reason === 'missing' ? 'none' : 'bearer',
  };
  return { severity: 2, outcome: 'failure', reason, actor, ...sourceOf(sourceIp), counted: { count, first: microTime(firstAt), last: microTime(lastAt) } };
}

function servedList({ caller, policyId, policyVersion, revision, protocolVersion, requestId, shown, hidden }: ListServed): Told {
  return {
    severity: 1,
    outcome: 'success',
    ...callerOf(caller),
    mcp: {
      method: 'tools/list',
      ...(protocolVersion === null ? {} : { protocol_version: protocolVersion }),
      ...(requestId === null ? {} : { request_id: requestId }),
    },
    list: {
      shown,
      hidden,
      grant_id: caller.grantId,
      ...(policyId === null ? {} : { policy_id: policyId }),
      ...(policyVersion === null ? {} : { policy_version: policyVersion }),
      revision,
    },
  };
}

function taintedFlow({ caller, decisionId, tool, mark }: FlowTainted): Told {
  return { severity: 2, ...callerOf(caller), mcp: { method: 'tools/call', tool }, decision: { decision_id: decisionId, grant_id: caller.grantId, flow_after: [mark] } };
}

function trippedLimit({ caller, decisionId, tool, ruleId, counter, windowStartMs, windowEndMs, units }: LimitTripped): Told {
  const limit = { key: counter, units, window_start: microTime(windowStartMs), window_end: microTime(windowEndMs) };
  return {
    severity: 2,
    outcome: 'limited',
    ...callerOf(caller),
    mcp: { method: 'tools/call', tool },
    decision: { decision_id: decisionId, effect: 'deny', reason_code: 'limit_exceeded', grant_id: caller.grantId, rule_ids: [ruleId], limits: [limit] },
  };
}

const DEGRADATION_SEVERITY: Readonly<Record<Degradation, Severity>> = { near_full: 3, refused: 4, notes_dropped: 3, recovered: 1 };

function degradation({ reason, count }: AuditDegraded, at: number): Told {
  const outcome: AuditOutcome = reason === 'recovered' ? 'success' : 'failure';
  const told = { severity: DEGRADATION_SEVERITY[reason], outcome, reason };
  return count === 0 ? told : { ...told, counted: { count, first: microTime(at), last: microTime(at) } };
}

function callerOf(caller: NotedCaller): Pick<AuditFact, 'actor' | 'client' | 'source' | 'server'> {
  const actor: AuditActor = {
    identity_id: caller.identityId,
    kind: caller.identityKind,
    name: caller.identityName,
    credential_id: caller.tokenId,
    credential_kind: 'grant_token',
    auth_method: 'bearer',
  };
  return {
    actor,
    ...(caller.clientName === null ? {} : { client: { name: caller.clientName, unverified: true } }),
    ...sourceOf(caller.sourceIp),
    server: { id: caller.serverId, alias: caller.serverSlug },
  };
}

function sourceOf(ip: string | null): Pick<AuditFact, 'source'> {
  return ip === null ? {} : { source: { ip } };
}
