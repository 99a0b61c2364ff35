import type { OrganisationId } from '@sallyport/kernel';

import type { AuditEventFilter } from '../slices/audit/read/event-filter.js';
import { pageStatement, type AuditEventPage } from '../slices/audit/read/event-queries.js';
import { testId } from './decision-records.js';

/** How many events `fillEvents` writes, and where: events of one organisation, spread evenly over a time. */
export interface Filling {
  readonly table: string;
  readonly organisationId: OrganisationId;
  /** Number of the first event. */
  readonly firstSeq: number;
  readonly events: number;
  /** RFC 3339. */
  readonly from: string;
  readonly everyMs: number;
  /** The events' text; `"seq":0` and `"time":""` in it become their own. */
  readonly line: string;
}

/** What searches of rare things look for: one event of `RARE` has it. */
export const RARE = 3_000;
const rareServer = testId(7_000_003);
const rareIdentity = testId(7_000_005);

/** A statement that writes events past the sequencer: fit for looking at plans, not for verifying. */
export function fillEvents({ table, organisationId, firstSeq, events, from, everyMs, line }: Filling): { readonly sql: string; readonly values: readonly unknown[] } {
  const sql = `
    INSERT INTO ${table} (organisation_id, seq, sequenced_at, event_id, at, type, family, outcome, identity_id, server_id, tool, rule_id, reason_code, hash, line)
    SELECT $1::uuid, n, t, gen_random_uuid(), t - interval '2 seconds',
      CASE WHEN n % 1000 = 0 THEN 'admin.grant.issued' WHEN n % 2 = 0 THEN 'call.decided' ELSE 'call.completed' END, CASE WHEN n % 1000 = 0 THEN 'admin' ELSE 'call' END,
      CASE WHEN n % 500 = 0 THEN 'denied' WHEN n % 700 = 0 THEN 'error' WHEN n % 2 = 0 THEN NULL ELSE 'allowed' END,
      CASE WHEN n % ${RARE} = 0 THEN '${rareIdentity}'::uuid ELSE ('01990000-0000-7000-8000-' || lpad((n % 211)::text, 12, '0'))::uuid END,
      CASE WHEN n % ${RARE} = 0 THEN '${rareServer}'::uuid ELSE ('01990000-0000-7000-8000-' || lpad((1000 + n % 23)::text, 12, '0'))::uuid END,
      CASE WHEN n % ${RARE} = 0 THEN 'rare_tool' ELSE 'tool_' || n % 307 END, CASE WHEN n % ${RARE} = 0 THEN '/rare' ELSE '/tools/' || n % 307 END,
      CASE WHEN n % 500 = 0 THEN 'rule_denied' END, sha256(n::text::bytea),
      replace(replace($5::text, '"seq":0', '"seq":' || n), '"time":""', '"time":"' || to_char((t - interval '2 seconds') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"')
    FROM (SELECT n, $4::timestamptz + (n - $2::bigint) * $6::double precision * interval '1 ms' AS t FROM generate_series($2::bigint, $2::bigint + $3::bigint - 1) AS n) AS given`;
  return { sql, values: [organisationId, firstSeq, events, from, line, everyMs] };
}

/** What a search is about: the stretch of numbers and times that it is asked over. */
export interface SearchedStretch {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Of the first and the last event, milliseconds. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Every way to search, by name. Times and numbers are of the stretch's middle. */
export function searchesOf({ firstSeq, lastSeq, fromMs, untilMs }: SearchedStretch): Readonly<Record<string, AuditEventFilter>> {
  const seq = (part: number): number => Math.round(firstSeq + (lastSeq - firstSeq) * part);
  const time = (part: number): string => new Date(fromMs + (untilMs - fromMs) * part).toISOString();
  return {
    nothing: {},
    'since and until': { since: time(0.02), until: time(0.6) },
    'identity, a rare one': { identity: rareIdentity },
    'identity, a common one': { identity: testId(7) },
    'server, a rare one': { server: rareServer },
    'server, a common one': { server: testId(1_007) },
    'tool, a rare one': { tool: 'rare_tool' },
    'tool, a common one': { tool: 'tool_7' },
    'an outcome': { outcome: ['denied'] },
    'the common outcome': { outcome: ['allowed'] },
    'rule, a rare one': { rule: '/rare' },
    'rule, a common one': { rule: '/tools/7' },
    reason: { reason: 'rule_denied' },
    type: { type: 'admin.grant.issued' },
    'a common type': { type: 'call.decided' },
    'a kind of type': { type: 'admin' },
    'a range of numbers': { fromSeq: seq(0.02), toSeq: seq(0.6) },
    'a time and a tool': { tool: 'rare_tool', until: time(0.6) },
  };
}

/** The cursor of a page that begins deep in the list: nine tenths of the events come before it. */
export function deepCursor(filter: AuditEventFilter, { firstSeq, lastSeq, fromMs, untilMs }: SearchedStretch): string {
  const seq = Math.round(firstSeq + (lastSeq - firstSeq) * 0.1);
  const place = filter.fromSeq === undefined ? [new Date(fromMs + (untilMs - fromMs) * 0.1).toISOString(), seq] : [seq];
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** What `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)` says of one step. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** A statement run and what PostgreSQL did for it. */
export interface ExplainedPage {
  /** Kinds of steps, each once. */
  readonly steps: readonly string[];
  readonly indexes: readonly string[];
  /** Rows of `audit_events` that were read, those that were passed over too. */
  readonly rowsRead: number;
  /** Pages of 8 KiB that were looked at. */
  readonly pagesRead: number;
  /** Planning and running, milliseconds. */
  readonly ms: number;
}

/** Runs a page's statement and answers its plan. `query` gives rows, as the role that serves. */
export async function explainPage(query: (sql: string, values: readonly unknown[]) => Promise<unknown>, organisationId: OrganisationId, page: AuditEventPage): Promise<ExplainedPage> {
  const { sql, values } = pageStatement(organisationId, page);
  const [row] = (await query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`, values)) as { 'QUERY PLAN': [{ Plan: PlanNode; 'Planning Time': number; 'Execution Time': number }] }[];
  if (row === undefined) throw new Error('PostgreSQL explained nothing');
  const [{ Plan: plan, 'Planning Time': planningMs, 'Execution Time': runningMs }] = row['QUERY PLAN'];
  const nodes = nodesOf(plan);
  const scans = nodes.filter((node) => node['Relation Name']?.startsWith('audit_events') === true);
  return {
    steps: [...new Set(nodes.map((node) => node['Node Type']))],
    indexes: [...new Set(nodes.flatMap((node) => node['Index Name'] ?? []))],
    rowsRead: scans.reduce((sum, node) => sum + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'], 0),
    pagesRead: (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0),
    ms: planningMs + runningMs,
  };
}

function nodesOf(plan: PlanNode): readonly PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}
