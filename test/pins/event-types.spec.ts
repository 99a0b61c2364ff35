import { CURRENT_VERSIONS, IDENTITY_KINDS, OBJECT_KINDS, ROLES } from '@sallyport/domain-events';
import { describe, expect, it } from 'vitest';

describe('events', () => {
  it('have these types, each in this version', () => {
    expect(CURRENT_VERSIONS).toEqual({
      'organisation.created': 1,
      'organisation.settings_changed': 1,
      'member.added': 1,
      'member.role_changed': 1,
      'member.removed': 1,
      'token.issued': 1,
      'token.revoked': 1,
      'server.registered': 1,
      'server.updated': 1,
      'server.disabled': 1,
      'server.enabled': 1,
      'server.tools_approved': 1,
      'server.tools_changed': 1,
      'server.tool_labelled': 1,
      'identity.created': 2,
      'identity.relabelled': 1,
      'identity.regrouped': 1,
      'identity.disabled': 1,
      'identity.enabled': 1,
      'policy.version_published': 1,
      'policy.shadow_started': 1,
      'policy.shadow_stopped': 1,
      'policy.tests_set': 1,
      'grant.issued': 1,
      'grant.policy_attached': 1,
      'grant.token_rotated': 1,
      'grant.revoked': 1,
      'grant.expired': 1,
      'sink.added': 1,
      'sink.changed': 1,
      'sink.confirmed': 1,
      'sink.paused': 1,
      'sink.resumed': 1,
      'sink.removed': 1,
      'reveal.requested': 1,
      'reveal.confirmed': 1,
      'reveal.refused': 1,
      'reveal.read': 1,
      'reveal.expired': 1,
    });
  });

  it('are about objects of these kinds', () => {
    expect(OBJECT_KINDS).toEqual(['organisation', 'member', 'token', 'server', 'identity', 'policy', 'grant', 'sink', 'reveal']);
  });

  it('name these roles and kinds of identity', () => {
    expect(ROLES).toEqual(['viewer', 'policy_manager', 'admin', 'auditor']);
    expect(IDENTITY_KINDS).toEqual(['agent', 'human', 'service']);
  });
});
