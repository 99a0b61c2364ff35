import type { EpochMs, OrganisationId, PolicyId } from '@sallyport/kernel';
import { branded } from '@sallyport/kernel';
import type { CallOutcome, RecordedCall, RecordedEnd } from '@sallyport/policy-engine';
import type { EntityManager } from 'typeorm';

import type { KnownHistory } from './recorded-history.js';

/** Which recorded calls are read. Instants are RFC 3339. */
export interface RecordedRange {
  readonly organisationId: OrganisationId;
  /** Calls that this policy decided; of every policy when null. */
  readonly policyId: PolicyId | null;
  readonly since: string;
  readonly until: string;
}

/** Reads in one transaction that sees the rows of the range's organisation. */
export type Reading = <Value>(work: (manager: EntityManager) => Promise<Value>) => Promise<Value>;

/** Where reading goes on: after this decision. */
interface RecordedPlace {
  readonly at: string;
  readonly id: string;
}

/** A recorded call as PostgreSQL answers it; bigints come as text. */
export interface RecordedRow {
  readonly decision_id: string;
  readonly at: Date;
  readonly completed_at: Date | null;
  readonly method: string;
  readonly tool: string | null;
  readonly server_id: string;
  readonly server_slug: string;
  readonly identity_id: string;
  readonly grant_id: string;
  readonly token_id: string;
  readonly session_id: string | null;
  readonly client_name: string | null;
  readonly argument_keys: readonly string[];
  readonly effect: 'allow' | 'deny';
  readonly outcome: string;
  readonly rule_id: string | null;
  readonly reason_code: string | null;
  readonly response_status: string | null;
  readonly revision: string;
  readonly sealed_arguments: string | null;
}

/** Calls replayed without a look at anything else: some milliseconds of work. */
const PAGE_CALLS = 1_000;
const COLUMNS =
  'decision_id, at, completed_at, method, tool, server_id, server_slug, identity_id, grant_id, token_id, session_id, client_name, argument_keys, effect, outcome, rule_id, reason_code, response_status, revision, sealed_arguments';

/** `tools/call` with a name, and what follows the policy's default (POLICY.md 7). */
const OF_POLICY = `((method = 'tools/call' AND tool IS NOT NULL) OR method ~ '^(prompts|resources|tasks)/' OR method = 'completion/complete')`;
const IN_RANGE = `organisation_id = $1 AND decided_seq IS NOT NULL AND outcome IS NOT NULL AND at >= $2::timestamptz AND at < $3::timestamptz
  AND ($4::uuid IS NULL OR policy_id = $4::uuid) AND ${OF_POLICY}`;
const HOW: Readonly<Record<string, RecordedEnd['how']>> = { ok: 'answered', tool_error: 'failed', rpc_error: 'refused', not_called: 'refused' };
const STOPPED: readonly string[] = ['denied', 'limited', 'approval_required'] satisfies readonly CallOutcome[];

/** How many calls there are to read, and of how many of them values of arguments were kept. */
export async function countRecorded(manager: EntityManager, range: RecordedRange): Promise<{ readonly total: number; readonly kept: number }> {
  const [row] = await manager.query<{ total: string; kept: string }[]>(`SELECT count(*) AS total, count(sealed_arguments) AS kept FROM decisions WHERE ${IN_RANGE}`, valuesOf(range));
  return { total: Number(row?.total ?? 0), kept: Number(row?.kept ?? 0) };
}

/**
 * The calls in the order of time, page by page: the next is read while the one before is worked on.
 *
 * @param read One transaction that sees the organisation's rows.
 */
export async function* recordedPages(read: Reading, range: RecordedRange): AsyncGenerator<readonly RecordedRow[], undefined> {
  const page = (after: RecordedPlace | undefined): Promise<readonly RecordedRow[]> => {
    const reading = read((manager) => readRecorded(manager, range, after));
    reading.catch(() => undefined); // thrown where it is awaited, if it still is
    return reading;
  };
  let next: Promise<readonly RecordedRow[]> | undefined = page(undefined);
  try {
    while (next !== undefined) {
      const rows: readonly RecordedRow[] = await next;
      const last = rows.length < PAGE_CALLS ? undefined : rows.at(-1);
      next = last === undefined ? undefined : page({ at: last.at.toISOString(), id: last.decision_id });
      yield rows;
    }
  } finally {
    await next?.catch(() => undefined); // who read it has gone: its transaction only has to be over
  }
}

/** Begins at the instant of the place itself: an index is not entered at a comparison of rows, but read from its first bound on. */
function readRecorded(manager: EntityManager, range: RecordedRange, after: RecordedPlace | undefined): Promise<readonly RecordedRow[]> {
  const onwards = after === undefined ? '' : ' AND (at, decision_id) > ($2::timestamptz, $6::uuid)';
  const values = after === undefined ? [...valuesOf(range), PAGE_CALLS] : [...valuesOf({ ...range, since: after.at }), PAGE_CALLS, after.id];
  return manager.query<RecordedRow[]>(`SELECT ${COLUMNS} FROM decisions WHERE ${IN_RANGE}${onwards} ORDER BY at, decision_id LIMIT $5`, [...values]);
}

/** A row as the engine replays it. What was not kept, or not known at its revision, is `undefined`. */
export function recordedCall(row: RecordedRow, { facts, openKept }: KnownHistory): RecordedCall {
  const revision = Number(row.revision);
  const tool = row.method === 'tools/call' ? row.tool : null;
  const identity = facts.identity(row.identity_id, revision);
  const outcome = callOutcome(row.outcome);
  return {
    decisionId: row.decision_id,
    atMs: branded<EpochMs>(row.at.getTime()),
    tool,
    labels: tool === null ? undefined : facts.toolLabels(row.server_id, tool, revision),
    server: row.server_slug,
    identity: { id: row.identity_id, kind: identity?.kind, name: identity?.name, labels: identity?.labels, groups: identity?.groups },
    grant: { id: row.grant_id, labels: facts.grantLabels(row.grant_id) },
    session: { id: row.session_id ?? row.token_id },
    clientName: row.client_name,
    argumentKeys: row.argument_keys,
    args: openKept(row.decision_id, row.sealed_arguments),
    was: { outcome, ruleId: row.rule_id, reasonCode: row.reason_code },
    end: outcome === 'allowed' ? endOf(row) : undefined,
  };
}

function callOutcome(outcome: string): CallOutcome {
  return STOPPED.includes(outcome) ? (outcome as CallOutcome) : 'allowed';
}

/** A cancelled call, one that timed out and one that lost its connection may have run. */
function endOf({ completed_at: completedAt, response_status: status }: RecordedRow): RecordedEnd | undefined {
  if (completedAt === null || status === null) return undefined;
  return { atMs: branded<EpochMs>(completedAt.getTime()), how: HOW[status] ?? 'lost' };
}

function valuesOf({ organisationId, since, until, policyId }: RecordedRange): readonly unknown[] {
  return [organisationId, since, until, policyId];
}
