// Decisions as workers record them, in the table that they are stored in: made by the database, arguments of every tenth sealed as by a worker.
import { readFileSync } from 'node:fs';

import { AesSecretBox, RootKey } from '@sallyport/secrets-aes';

const START_MS = Date.now() - 2 * 86_400_000;
const EVERY_MS = 50;
const SEALED_EVERY = 10;
const SEALED_AT_ONCE = 5_000;

/** Before the first of them: RFC 3339. */
export const SINCE = new Date(START_MS - 60_000).toISOString();

const decisionId = (n) => `01990000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const SQL_ID = (prefix, n) => `('${prefix}-0000-7000-8000-' || lpad((${n})::text, 12, '0'))::uuid`;

/** $1 how many, $2 the organisation, $3 identities, $4 the policy, $5 the first instant in ms, $6 ms from one to the next, $7 a revision. */
const RECORD = `INSERT INTO decisions (organisation_id, decision_id, decided_incarnation, decided_seq, at, effect, method, tool, definition_hash, server_id, server_slug,
    identity_id, grant_id, token_id, policy_id, policy_version, revision, rule_id, argument_keys, arguments_digest, arguments_bytes, charges,
    protocol_version, session_id, client_name, source_ip, request_id, durability,
    completed_incarnation, completed_seq, completed_at, outcome, response_status, http_status, result_bytes, duration_us, upstream_us, charges_released)
  SELECT $2::uuid, ${SQL_ID('01990000', 'n')}, $2::uuid, n, to_timestamp(($5::float8 + n * $6::float8) / 1000), 'allow', 'tools/call', 'tool_' || n % 50, repeat('0', 64), ${SQL_ID('01991000', 'n % 20')}, 'billing',
    ($3::uuid[])[1 + n % cardinality($3::uuid[])], ${SQL_ID('01992000', 'n % 100')}, ${SQL_ID('01993000', 'n % 100')}, $4::uuid, 1, $7::bigint, '(default allow)',
    '["amount", "currency", "field_1"]'::jsonb, repeat('1', 64), 60, '[]'::jsonb,
    '2025-11-25', 'session-' || n % 1000, 'a client', '192.0.2.1', n::text, 'disk',
    $2::uuid, $1::bigint + n, to_timestamp(($5::float8 + n * $6::float8 + 120) / 1000), 'allowed', CASE WHEN n % 50 = 0 THEN 'rpc_error' ELSE 'ok' END, 200, 500, 120000, 118000, false
  FROM generate_series(1, $1::bigint) AS n`;

/** Stores `decisions` of them, one every 50 ms, by the identities in turn. `rootKeyFile` is the deployment's. */
export async function recordDecisions({ sql, rootKeyFile, decisions, identities, policyId }) {
  const { rows } = await sql.query('SELECT organisation_id, wrapped_key, (SELECT max(revision) FROM events) AS revision FROM organisations LIMIT 1');
  const { organisation_id: organisationId, wrapped_key: wrappedKey, revision } = rows[0];
  await sql.query(RECORD, [decisions, organisationId, identities, policyId, START_MS, EVERY_MS, revision]);
  const box = new AesSecretBox(RootKey.parse(readFileSync(rootKeyFile, 'utf8').trim()));
  const text = JSON.stringify({ level: 'full', arguments: { amount: 42.5, currency: 'EUR', field_1: 'fine' } });
  for (let from = SEALED_EVERY; from <= decisions; from += SEALED_EVERY * SEALED_AT_ONCE) {
    const ids = Array.from({ length: SEALED_AT_ONCE }, (_, n) => decisionId(from + n * SEALED_EVERY));
    const sealed = ids.map((id) => box.seal({ organisationId, objectKind: 'decision', objectId: id, field: 'arguments' }, wrappedKey, text));
    await sql.query('UPDATE decisions SET sealed_arguments = given.sealed FROM unnest($1::uuid[], $2::text[]) AS given (id, sealed) WHERE organisation_id = $3 AND decision_id = given.id', [ids, sealed, organisationId]);
  }
  await sql.query('ANALYZE decisions');
}
