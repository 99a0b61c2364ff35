import type { AuditEvent, AuditFact } from '@sallyport/audit-event';
import { aChain, aFact } from '@sallyport/audit-event/testing';
import type { OutgoingBatch } from '@sallyport/sinks';

/** The first `n` events of a chain as a batch; each fact with what `over` says. */
export function anOutgoingBatch(n: number, over: (seq: number) => Partial<AuditFact> = () => ({})): OutgoingBatch {
  const events = aChain(n, { factAt: (seq) => aFact(over(seq), seq) }).map((stored) => ({ stored, event: JSON.parse(stored.line) as AuditEvent }));
  return { batchId: `batch-1-${n}`, events, replay: false, checkpoint: null };
}
