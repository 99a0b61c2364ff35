import { branded, type DecisionId, type GrantId, type IdentityId, type MemberId, type PolicyId, type RevealId, type ServerId, type Sha256Hex, type SinkId, type TokenId } from '@sallyport/kernel';

import type { DomainFact } from '../all-events.js';
import type { OrganisationSettings } from '../organisation-events.js';

/** One fact of each type: what golden files are made of, and what tests take when any fact will do. */
export type ExampleFacts = { readonly [Known in DomainFact as Known['type']]: Known };

const memberId = branded<MemberId>('01930000-0000-7000-8000-000000000001');
const tokenId = branded<TokenId>('01930000-0000-7000-8000-000000000002');
const serverId = branded<ServerId>('01930000-0000-7000-8000-000000000003');
const identityId = branded<IdentityId>('01930000-0000-7000-8000-000000000004');
const policyId = branded<PolicyId>('01930000-0000-7000-8000-000000000005');
const grantId = branded<GrantId>('01930000-0000-7000-8000-000000000006');
const sinkId = branded<SinkId>('01930000-0000-7000-8000-000000000007');
const revealId = branded<RevealId>('01930000-0000-7000-8000-000000000008');
const decisionId = branded<DecisionId>('01930000-0000-7000-8000-000000000009');
const otherMemberId = branded<MemberId>('01930000-0000-7000-8000-00000000000a');
const hash = branded<Sha256Hex>('0123456789abcdef'.repeat(4));
const expiresAt = '2027-02-19T12:00:00.000Z';

const settings: OrganisationSettings = { name: 'Acme', auditDurability: 'disk', freshnessMode: 'strict', failStaticMaxAgeSeconds: 0 };
const labels = { team: 'billing', env: 'test' };
const grantToken = { tokenId, publicId: 'aB3dE5gH', secretHash: hash };

const organisationFacts = {
  'organisation.created': { type: 'organisation.created', version: 1, data: { slug: 'acme', settings, wrappedKey: 'v1.d3JhcHBlZA' } },
  'organisation.settings_changed': {
    type: 'organisation.settings_changed',
    version: 1,
    data: { settings: { ...settings, freshnessMode: 'fail_static', failStaticMaxAgeSeconds: 900 } },
  },
  'member.added': { type: 'member.added', version: 1, data: { memberId, name: 'Zoë', role: 'policy_manager' } },
  'member.role_changed': { type: 'member.role_changed', version: 1, data: { memberId, role: 'auditor' } },
  'member.removed': { type: 'member.removed', version: 1, data: { memberId } },
  'token.issued': {
    type: 'token.issued',
    version: 1,
    data: { tokenId, memberId, role: 'admin', operator: true, publicId: 'aB3dE5gH', secretHash: hash, label: 'first', expiresAt },
  },
  'token.revoked': { type: 'token.revoked', version: 1, data: { tokenId, reason: 'left the team' } },
} as const satisfies Partial<ExampleFacts>;

const serverFacts = {
  'server.registered': { type: 'server.registered', version: 1, data: { serverId, slug: 'everything', upstream: { kind: 'stdio' }, timeoutMs: 120_000 } },
  'server.updated': {
    type: 'server.updated',
    version: 1,
    data: {
      serverId,
      upstream: { kind: 'http', url: 'https://mcp.example/mcp', headers: [{ name: 'authorization', sealedValue: 'v1.c2VhbGVk' }] },
      timeoutMs: 30_000,
    },
  },
  'server.disabled': { type: 'server.disabled', version: 1, data: { serverId } },
  'server.enabled': { type: 'server.enabled', version: 1, data: { serverId } },
  'server.tools_approved': {
    type: 'server.tools_approved',
    version: 1,
    data: {
      serverId,
      eras: ['legacy', 'modern'],
      protocolVersions: ['2026-07-28', '2025-11-25'],
      serverInfo: '{"name":"everything","version":"1.0.0"}',
      tools: [{ name: 'echo', definition: '{"name":"echo","inputSchema":{"type":"object"}}', hash }],
      rejected: [{ name: 'huge', reason: 'its definition is larger than 128 kB' }],
    },
  },
  'server.tools_changed': { type: 'server.tools_changed', version: 1, data: { serverId, tools: [{ name: 'echo', hash }] } },
  'server.tool_labelled': { type: 'server.tool_labelled', version: 1, data: { serverId, tool: 'echo', category: 'Read', risk: null } },
} as const satisfies Partial<ExampleFacts>;

const accessFacts = {
  'identity.created': { type: 'identity.created', version: 2, data: { identityId, name: 'invoice bot', kind: 'agent', labels, groups: ['finance', 'ops'] } },
  'identity.relabelled': { type: 'identity.relabelled', version: 1, data: { identityId, labels: {} } },
  'identity.regrouped': { type: 'identity.regrouped', version: 1, data: { identityId, groups: ['on call'] } },
  'identity.disabled': { type: 'identity.disabled', version: 1, data: { identityId } },
  'identity.enabled': { type: 'identity.enabled', version: 1, data: { identityId } },
  'policy.version_published': {
    type: 'policy.version_published',
    version: 1,
    data: { policyId, name: 'billing', version: 2, document: '{"version":1,"rules":[]}', documentHash: hash, note: 'back to the first', restoresVersion: 1 },
  },
  'policy.shadow_started': {
    type: 'policy.shadow_started',
    version: 1,
    data: { policyId, name: 'billing', version: 3, document: '{"version":"1","default":"deny"}' },
  },
  'policy.shadow_stopped': { type: 'policy.shadow_stopped', version: 1, data: { policyId } },
  'policy.tests_set': { type: 'policy.tests_set', version: 1, data: { policyId, version: 2, tests: '{"tests":[]}', required: true } },
  'grant.issued': { type: 'grant.issued', version: 1, data: { grantId, identityId, serverId, policyId, labels, expiresAt, token: grantToken } },
  'grant.policy_attached': { type: 'grant.policy_attached', version: 1, data: { grantId, policyId } },
  'grant.token_rotated': { type: 'grant.token_rotated', version: 1, data: { grantId, token: grantToken, previousValidUntil: expiresAt } },
  'grant.revoked': { type: 'grant.revoked', version: 1, data: { grantId, reason: 'no longer needed' } },
  'grant.expired': { type: 'grant.expired', version: 1, data: { grantId } },
} as const satisfies Partial<ExampleFacts>;

const sinkFacts = {
  'sink.added': {
    type: 'sink.added',
    version: 1,
    data: {
      sinkId,
      name: 'siem',
      sinkType: 'webhook',
      settings: '{"url":"https://siem.example/in"}',
      credentials: [{ name: 'secret', sealedValue: 'v1.c2VhbGVk' }],
      filter: { types: ['call.*'], outcomes: ['denied', 'error'] },
      format: 'ocsf',
      formatVersion: '1.8.0',
      afterSeq: 41,
    },
  },
  'sink.changed': {
    type: 'sink.changed',
    version: 1,
    data: { sinkId, settings: '{"url":"https://siem.example/v2"}', credentials: [], filter: { types: [], outcomes: [] }, format: 'native', formatVersion: null },
  },
  'sink.confirmed': { type: 'sink.confirmed', version: 1, data: { sinkId, how: 'code' } },
  'sink.paused': { type: 'sink.paused', version: 1, data: { sinkId, reason: 'moving the receiver' } },
  'sink.resumed': { type: 'sink.resumed', version: 1, data: { sinkId, reason: 'moved' } },
  'sink.removed': { type: 'sink.removed', version: 1, data: { sinkId, reason: 'no longer used' } },
} as const satisfies Partial<ExampleFacts>;

const revealFacts = {
  'reveal.requested': {
    type: 'reveal.requested',
    version: 1,
    data: { revealId, decisionId, requestedBy: memberId, reason: 'case 17', confirmBy: '2026-11-22T12:34:56.000Z' },
  },
  'reveal.confirmed': { type: 'reveal.confirmed', version: 1, data: { revealId, confirmedBy: otherMemberId, readBy: '2026-11-21T12:49:56.000Z', reads: 3 } },
  'reveal.refused': { type: 'reveal.refused', version: 1, data: { revealId, refusedBy: otherMemberId, reason: 'not needed for case 17' } },
  'reveal.read': { type: 'reveal.read', version: 1, data: { revealId, reading: 1 } },
  'reveal.expired': { type: 'reveal.expired', version: 1, data: { revealId } },
} as const satisfies Partial<ExampleFacts>;

/** See `ExampleFacts`. */
export const EXAMPLE_FACTS: ExampleFacts = { ...organisationFacts, ...serverFacts, ...accessFacts, ...sinkFacts, ...revealFacts };
