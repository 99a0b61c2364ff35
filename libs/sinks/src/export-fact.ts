import { microTime, type AuditEventType, type AuditExport, type AuditFact } from '@sallyport/audit-event';

import type { PendingNote } from './sink-progress.js';
import type { SinkPlan } from './sink-plan.js';

/** What a fact about an export is made with. */
export interface FactTools {
  readonly nowMs: number;
  /** A new UUIDv7. */
  readonly newId: () => string;
}

/** What an export's facts need to know of its sink. */
export type NamedSink = Pick<SinkPlan, 'organisationId' | 'sinkId' | 'stream' | 'name'> & { readonly type: { readonly name: string } };

type ExportEventType = Extract<AuditEventType, `export.${string}`>;

/** A fact about an export: about what a member asked for, of that member; otherwise of the system. */
export function exportFact(sink: NamedSink, type: ExportEventType, said: Omit<AuditExport, 'sink_id' | 'sink_name' | 'sink_type'>, tools: FactTools): AuditFact {
  const asked = said.asked_by;
  return {
    event_id: tools.newId(),
    ...(sink.stream === sink.organisationId ? { organisation_id: sink.organisationId } : {}),
    time: microTime(tools.nowMs),
    type,
    severity: type === 'export.resumed' || type === 'export.replay' ? 1 : 3,
    actor: asked === undefined ? { kind: 'system', name: 'sallyport' } : { kind: 'member', identity_id: asked },
    export: { sink_id: sink.sinkId, sink_name: sink.name, sink_type: sink.type.name, ...said },
  };
}

/** The fact that says a note in the stream. */
export function noteFact(sink: NamedSink, note: PendingNote, tools: FactTools): AuditFact {
  const { from, to, count, reason, askedBy } = note;
  const said = { from_seq: from, to_seq: to, count, reason, ...(askedBy === null ? {} : { asked_by: askedBy }) };
  return exportFact(sink, note.kind === 'gap' ? 'export.gap' : 'export.dead_letter', said, tools);
}

/** Whether an event is about exports. What becomes of such an event is never said in the stream, or two sinks that refuse everything would speak of each other for ever. */
export function isAboutExport(event: { readonly type: string }): boolean {
  return event.type.startsWith('export.');
}
