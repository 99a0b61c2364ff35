import type { AuditFact } from '@sallyport/audit-event';
import type { Reveal } from '@sallyport/control-domain';
import type { EpochMs } from '@sallyport/kernel';

import type { Caller } from '../../../platform/identity/caller.js';
import { auditChangeFact } from '../../audit/commands/admin-fact.js';
import type { KeptValues } from '../../decisions/read/kept-arguments.js';

/** That recorded values are read, as the audit stream has it: who reads them, who confirmed that, of which decision, and why. Never the values. */
export function revealedFact(reader: Caller, reveal: Extract<Reveal, { readonly status: 'confirmed' }>, { level, at }: { readonly level: KeptValues['level']; readonly at: EpochMs }): AuditFact {
  const { revealId, decisionId, requestedBy, confirmedBy, readings, reason } = reveal;
  const after = { decision_id: decisionId, requested_by: requestedBy, confirmed_by: confirmedBy, reading: readings, level };
  const change = { organisationId: reader.organisationId, at, object: { type: 'reveal', id: revealId } as const, action: 'revealed', before: null, after, reason };
  return { ...auditChangeFact(reader, change), type: 'audit.redaction_revealed', decision: { decision_id: decisionId } };
}
