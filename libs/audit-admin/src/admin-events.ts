import type { AdminObject, AuditEventType, Severity } from '@sallyport/audit-event';
import type { DomainFact } from '@sallyport/domain-events';

/** What a domain event becomes. */
export interface AdminEventRow {
  readonly type: AuditEventType;
  readonly object: AdminObject;
  readonly severity: Severity;
}

/**
 * Every domain event, and the one audit event that it becomes. What is done by hand to a server's definitions is told as what it means
 * for them: a person's look approves them, a difference that was noticed takes tools out of service. `definition.drift` is for a
 * difference that leaves nothing out of service that was approved: tools that came or went (`adminFact` tells the two apart).
 */
export const ADMIN_EVENTS: { readonly [Type in DomainFact['type']]: AdminEventRow } = {
  'organisation.created': { type: 'admin.organisation.created', object: 'organisation', severity: 2 },
  'organisation.settings_changed': { type: 'admin.organisation.settings_changed', object: 'organisation', severity: 2 },
  'member.added': { type: 'admin.member.added', object: 'member', severity: 2 },
  'member.role_changed': { type: 'admin.member.role_changed', object: 'member', severity: 3 },
  'member.removed': { type: 'admin.member.removed', object: 'member', severity: 2 },
  'token.issued': { type: 'admin.token.issued', object: 'token', severity: 2 },
  'token.revoked': { type: 'admin.token.revoked', object: 'token', severity: 2 },
  'server.registered': { type: 'admin.server.registered', object: 'server', severity: 2 },
  'server.updated': { type: 'admin.server.updated', object: 'server', severity: 2 },
  'server.disabled': { type: 'admin.server.disabled', object: 'server', severity: 2 },
  'server.enabled': { type: 'admin.server.enabled', object: 'server', severity: 2 },
  'server.tools_approved': { type: 'definition.approved', object: 'server', severity: 2 },
  'server.tools_changed': { type: 'definition.quarantined', object: 'server', severity: 3 },
  'server.tool_labelled': { type: 'admin.server.tool_labelled', object: 'server', severity: 2 },
  'identity.created': { type: 'admin.identity.created', object: 'identity', severity: 1 },
  'identity.relabelled': { type: 'admin.identity.relabelled', object: 'identity', severity: 2 },
  'identity.regrouped': { type: 'admin.identity.regrouped', object: 'identity', severity: 2 },
  'identity.disabled': { type: 'admin.identity.disabled', object: 'identity', severity: 2 },
  'identity.enabled': { type: 'admin.identity.enabled', object: 'identity', severity: 2 },
  'policy.version_published': { type: 'admin.policy.version_published', object: 'policy', severity: 2 },
  'policy.shadow_started': { type: 'admin.policy.shadow_started', object: 'policy', severity: 1 },
  'policy.shadow_stopped': { type: 'admin.policy.shadow_stopped', object: 'policy', severity: 1 },
  'policy.tests_set': { type: 'admin.policy.tests_set', object: 'policy', severity: 1 },
  'grant.issued': { type: 'admin.grant.issued', object: 'grant', severity: 2 },
  'grant.policy_attached': { type: 'admin.grant.policy_attached', object: 'grant', severity: 2 },
  'grant.token_rotated': { type: 'admin.grant.token_rotated', object: 'grant', severity: 1 },
  'grant.revoked': { type: 'admin.grant.revoked', object: 'grant', severity: 2 },
  'grant.expired': { type: 'admin.grant.expired', object: 'grant', severity: 1 },
  'sink.added': { type: 'admin.sink.added', object: 'sink', severity: 2 },
  'sink.changed': { type: 'admin.sink.changed', object: 'sink', severity: 3 },
  'sink.confirmed': { type: 'admin.sink.confirmed', object: 'sink', severity: 2 },
  'sink.paused': { type: 'admin.sink.paused', object: 'sink', severity: 3 },
  'sink.resumed': { type: 'admin.sink.resumed', object: 'sink', severity: 2 },
  'sink.removed': { type: 'admin.sink.removed', object: 'sink', severity: 3 },
  'reveal.requested': { type: 'admin.reveal.requested', object: 'reveal', severity: 3 },
  'reveal.confirmed': { type: 'admin.reveal.confirmed', object: 'reveal', severity: 3 },
  'reveal.refused': { type: 'admin.reveal.refused', object: 'reveal', severity: 2 },
  'reveal.read': { type: 'admin.reveal.read', object: 'reveal', severity: 3 },
  'reveal.expired': { type: 'admin.reveal.expired', object: 'reveal', severity: 1 },
};
