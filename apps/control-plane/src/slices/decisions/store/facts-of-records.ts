import { factOfNoted, type CompletedRecord, type DecidedRecord, type NotedRecord, type SequencedRecord } from '@sallyport/audit';
import { factOfCompleted, factOfDecided, type AuditFact, type DecidedSaid } from '@sallyport/audit-event';
import type { DecisionId, OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import { contextsOfCalls } from './contexts-of-calls.js';

/** Records that make an event each, by kind; those that were stored before are left out. */
interface Fresh {
  readonly records: readonly SequencedRecord[];
  readonly decided: readonly DecidedRecord[];
  readonly completed: readonly CompletedRecord[];
}

interface KnownRow {
  readonly decision_id: DecisionId;
  readonly is_decided: boolean;
  readonly is_completed: boolean;
}

interface SaidRow {
  readonly event_id: string;
  readonly line: string;
}

/**
 * What a batch of one organisation's records tells that is not stored yet, as audit facts in the records' order. The caller holds the
 * head of the organisation's stream, and stores the records and the facts together: so each record makes one event, once.
 */
export async function factsOfRecords(manager: EntityManager, organisationId: OrganisationId, batch: readonly SequencedRecord[]): Promise<readonly AuditFact[]> {
  const fresh = await freshOf(manager, organisationId, batch);
  const contextOf = await contextsOfCalls(manager, organisationId, fresh.decided);
  const instances = new Map(fresh.records.map(({ incarnation, record }) => [record, incarnation]));
  const decided = new Map<string, AuditFact>();
  for (const record of fresh.decided) decided.set(record.decisionId, factOfDecided(record, contextOf(record, instances.get(record) ?? '')));
  const said = await saidBefore(manager, organisationId, fresh.completed.map(({ decisionId }) => decisionId).filter((id) => !decided.has(id)));
  return fresh.records.map(({ incarnation, record }) => {
    if (record.kind === 'noted') return factOfNoted(record, incarnation);
    if (record.kind === 'completed') return factOfCompleted(record, { decided: decided.get(record.decisionId) ?? said.get(record.decisionId) ?? null, instanceId: incarnation });
    return decided.get(record.decisionId) ?? factOfDecided(record, contextOf(record, incarnation));
  });
}

async function freshOf(manager: EntityManager, organisationId: OrganisationId, batch: readonly SequencedRecord[]): Promise<Fresh> {
  const seen = await seenBefore(manager, organisationId, batch);
  const records: SequencedRecord[] = [];
  const decided: DecidedRecord[] = [];
  const completed: CompletedRecord[] = [];
  for (const sequenced of batch) {
    const key = keyOf(sequenced.record);
    if (seen.has(key)) continue;
    seen.add(key);
    records.push(sequenced);
    if (sequenced.record.kind === 'decided') decided.push(sequenced.record);
    else if (sequenced.record.kind === 'completed') completed.push(sequenced.record);
  }
  return { records, decided, completed };
}

function keyOf(record: DecidedRecord | CompletedRecord | NotedRecord): string {
  return record.kind === 'noted' ? record.eventId : `${record.kind} ${record.decisionId}`;
}

/** Keys of what is stored already: a decision by its row, a note by its event. */
async function seenBefore(manager: EntityManager, organisationId: OrganisationId, batch: readonly SequencedRecord[]): Promise<Set<string>> {
  const seen = new Set<string>();
  const decisionIds = [...new Set(batch.flatMap(({ record }) => (record.kind === 'noted' ? [] : [record.decisionId])))];
  const noteIds = batch.flatMap(({ record }) => (record.kind === 'noted' ? [record.eventId] : []));
  if (decisionIds.length > 0) {
    const rows = await manager.query<KnownRow[]>(
      `SELECT decision_id, decided_seq IS NOT NULL AS is_decided, completed_seq IS NOT NULL AS is_completed FROM decisions
       WHERE organisation_id = $1 AND decision_id = ANY ($2::uuid[])`,
      [organisationId, decisionIds],
    );
    for (const row of rows) {
      if (row.is_decided) seen.add(`decided ${row.decision_id}`);
      if (row.is_completed) seen.add(`completed ${row.decision_id}`);
    }
  }
  if (noteIds.length === 0) return seen;
  const rows = await manager.query<{ event_id: string }[]>('SELECT event_id FROM audit_events WHERE organisation_id = $1 AND event_id = ANY ($2::uuid[])', [organisationId, noteIds]);
  for (const row of rows) seen.add(row.event_id);
  return seen;
}

/** What was said of calls whose decision came in an earlier batch. */
async function saidBefore(manager: EntityManager, organisationId: OrganisationId, decisionIds: readonly DecisionId[]): Promise<ReadonlyMap<string, DecidedSaid>> {
  if (decisionIds.length === 0) return new Map();
  const rows = await manager.query<SaidRow[]>('SELECT event_id, line FROM audit_events WHERE organisation_id = $1 AND event_id = ANY ($2::uuid[])', [organisationId, decisionIds]);
  return new Map(rows.map((row) => [row.event_id, JSON.parse(row.line) as DecidedSaid]));
}
