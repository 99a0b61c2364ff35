const DECIDED = [
  'decided_incarnation', 'decided_seq', 'at', 'effect', 'method', 'tool', 'definition_hash', 'server_id', 'server_slug', 'identity_id', 'grant_id',
  'token_id', 'policy_id', 'policy_version', 'revision', 'rule_id', 'argument_keys', 'arguments_digest', 'arguments_bytes', 'charges', 'charged_until',
  'protocol_version', 'session_id', 'client_name', 'source_ip', 'request_id', 'durability', 'approvals', 'sealed_arguments', 'shadows',
];
const COMPLETED = [
  'completed_incarnation', 'completed_seq', 'completed_at', 'response_status', 'http_status', 'rpc_code', 'result_bytes', 'duration_us', 'upstream_us',
  'charges_released', 'answer_rule_id', 'removed', 'removed_count',
];
const EITHER = ['outcome', 'reason_code'];

const keepFirst = (column: string): string => `${column} = COALESCE(kept.${column}, excluded.${column})`;

/**
 * Stores rows given as one JSON array and answers the ids of those that got their outcome by it. What is stored stays:
 * a record fills the columns that are still empty, and one that was stored before touches nothing.
 */
export const STORE_DECISIONS = `
  WITH stored AS (
    INSERT INTO decisions AS kept SELECT * FROM jsonb_populate_recordset(NULL::decisions, $1::jsonb)
    ON CONFLICT (organisation_id, decision_id) DO UPDATE SET ${[...DECIDED, ...COMPLETED, ...EITHER].map(keepFirst).join(', ')}
    WHERE (kept.decided_seq IS NULL AND excluded.decided_seq IS NOT NULL) OR (kept.completed_seq IS NULL AND excluded.completed_seq IS NOT NULL)
    RETURNING decision_id, decided_seq, outcome
  )
  SELECT decision_id FROM stored WHERE decided_seq IS NOT NULL AND outcome IS NOT NULL`;
