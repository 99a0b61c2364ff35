/** What every look-up of decisions reads; conditions are on `d`. */
export const SELECT_DECISIONS = `
  SELECT d.decision_id, d.at, d.outcome, d.reason_code, d.server_slug, d.server_id, d.method, d.tool, i.name AS identity_name, d.identity_id,
         d.grant_id, d.rule_id, d.policy_id, d.policy_version, d.revision, d.argument_keys, d.arguments_digest, d.arguments_bytes,
         d.response_status, d.result_bytes, d.duration_us, d.upstream_us, d.client_name, d.protocol_version, d.shadows, d.approvals, d.answer_rule_id,
         d.removed, d.removed_count
  FROM decisions d
  LEFT JOIN identity_names i ON i.organisation_id = d.organisation_id AND i.identity_id = d.identity_id`;
