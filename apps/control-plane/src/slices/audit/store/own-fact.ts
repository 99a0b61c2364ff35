import { microTime, type AuditEventType, type AuditFact } from '@sallyport/audit-event';
import type { Brand, EpochMs, OrganisationId } from '@sallyport/kernel';

import { newId } from '../../../platform/new-id.js';
import { NO_ORGANISATION } from './audit-head.js';

/** The beginning of a fact about the audit trail itself, which the control plane states of its own accord. */
export function ownFact(organisationId: OrganisationId, at: EpochMs, type: AuditEventType): AuditFact {
  return {
    event_id: newId<Brand<string, 'EventId'>>(at),
    ...(organisationId === NO_ORGANISATION ? {} : { organisation_id: organisationId }),
    time: microTime(at),
    type,
    severity: 1,
    actor: { kind: 'system', name: 'audit' },
  };
}
