import type { Charge, CompletedRecord, DecidedRecord, DecisionRecord, SequencedRecord } from '@sallyport/audit';
import type { DecisionId, EpochMs } from '@sallyport/kernel';

/** A record of a call in its place. */
export type SequencedDecision = SequencedRecord & { readonly record: DecisionRecord };

/** Whether a record is about a call. */
export function isOfDecision(sequenced: SequencedRecord): sequenced is SequencedDecision {
  return sequenced.record.kind !== 'noted';
}

/** Columns of `decisions` by name, as JSON; a column that is absent is null. */
export type DecisionColumns = Readonly<Record<string, unknown>> & { readonly decision_id: DecisionId };

/** Charges of windows shorter than this are gone before anybody could restore them, milliseconds. */
export const RESTORED_WINDOW_MS = 3_600_000;

/**
 * The rows of a batch of one organisation, one for each decision: a decision's two records are merged here, because one
 * statement may touch a row once. Of a record that is there twice, the first counts.
 */
export function rowsOf(batch: readonly SequencedDecision[]): readonly DecisionColumns[] {
  const rows = new Map<DecisionId, DecisionColumns>();
  for (const sequenced of batch) {
    const columns = columnsOf(sequenced);
    rows.set(columns.decision_id, firstOfBoth(rows.get(columns.decision_id), columns));
  }
  return [...rows.values()].map(storable);
}

function firstOfBoth(earlier: DecisionColumns | undefined, later: DecisionColumns): DecisionColumns {
  if (earlier === undefined) return later;
  const merged: Record<string, unknown> = { ...later };
  for (const [name, value] of Object.entries(earlier)) if (value !== null) merged[name] = value;
  return { ...merged, decision_id: earlier.decision_id };
}

function columnsOf({ incarnation, localSeq, record }: SequencedDecision): DecisionColumns {
  return record.kind === 'decided'
    ? { decided_incarnation: incarnation, decided_seq: localSeq, ...decidedColumns(record) }
    : { completed_incarnation: incarnation, completed_seq: localSeq, ...completedColumns(record) };
}

function decidedColumns(record: DecidedRecord): DecisionColumns {
  return {
    organisation_id: record.organisationId,
    decision_id: record.decisionId,
    at: instant(record.at),
    effect: record.effect,
    outcome: record.outcome,
    reason_code: record.reasonCode,
    rule_id: record.ruleId,
    method: record.method,
    tool: record.tool,
    definition_hash: record.definitionHash,
    server_id: record.serverId,
    server_slug: record.serverSlug,
    identity_id: record.identityId,
    grant_id: record.grantId,
    token_id: record.tokenId,
    policy_id: record.policyId,
    policy_version: record.policyVersion,
    revision: record.revision,
    argument_keys: record.argumentKeys,
    arguments_digest: record.argumentsDigest,
    arguments_bytes: record.argumentsBytes,
    charges: record.charges,
    charged_until: chargedUntil(record.charges),
    protocol_version: record.protocolVersion,
    session_id: record.sessionId,
    client_name: record.clientName,
    source_ip: record.sourceIp,
    request_id: record.requestId,
    durability: record.durability,
    approvals: listOrNull(record.approvals),
    sealed_arguments: record.sealedArguments,
    shadows: listOrNull(record.shadows),
  };
}

function completedColumns(record: CompletedRecord): DecisionColumns {
  return {
    organisation_id: record.organisationId,
    decision_id: record.decisionId,
    completed_at: instant(record.at),
    outcome: record.outcome,
    reason_code: record.reasonCode,
    response_status: record.status,
    http_status: record.httpStatus,
    rpc_code: record.rpcCode,
    result_bytes: record.resultBytes,
    duration_us: Math.round(record.durationUs),
    upstream_us: Math.round(record.upstreamUs),
    charges_released: record.chargesReleased,
    answer_rule_id: record.answerRuleId,
    removed: listOrNull(record.removed),
    removed_count: record.removedCount === 0 ? null : record.removedCount,
  };
}

/** The end of the last window of an hour or longer that was charged; null when there is none. */
function chargedUntil(charges: readonly Charge[]): string | null {
  const ends = charges.filter((charge) => charge.windowEndMs - charge.windowStartMs >= RESTORED_WINDOW_MS).map((charge) => charge.windowEndMs);
  return ends.length === 0 ? null : instant(Math.max(...ends));
}

/** Most decisions have none: null keeps them out of the row and of its index. */
function listOrNull<Item>(list: readonly Item[]): readonly Item[] | null {
  return list.length === 0 ? null : list;
}

function instant(at: EpochMs | number): string {
  return new Date(at).toISOString();
}

/** PostgreSQL keeps neither NUL nor half a surrogate pair; names from outside may hold either. */
function storable(row: DecisionColumns): DecisionColumns {
  const entries = Object.entries(row).map(([name, value]) => [name, storableValue(value)] as const);
  return { ...Object.fromEntries(entries), decision_id: row.decision_id };
}

function storableValue(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storableValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, storableValue(item)]));
}

function storableText(text: string): string {
  return text.replace(UNSTORABLE, '\ufffd');
}

/** NUL, and a surrogate without its other half (the `u` flag keeps pairs whole). */
const UNSTORABLE = /[\0\p{Cs}]/gu;
