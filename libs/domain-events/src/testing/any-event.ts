import { branded, type EventId, type MemberId, type OrganisationId, type Revision, type Sha256Hex, type TokenId } from '@sallyport/kernel';
import { TOOL_CATEGORIES, TOOL_RISKS } from '@sallyport/policy-engine';
import fc from 'fast-check';

import { IDENTITY_KINDS } from '../access-events.js';
import type { DomainEvent, DomainFact } from '../all-events.js';
import { OBJECT_KINDS, type Actor } from '../envelope.js';
import { ROLES } from '../organisation-events.js';
import type { Upstream } from '../server-events.js';
import { SINK_CONFIRMATIONS } from '../sink-events.js';
import { CURRENT_VERSIONS } from '../upcast.js';

/** Text as the log keeps it: any Unicode but NUL and lone surrogates. */
const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !/\0|\p{Surrogate}/u.test(value));
const count = fc.nat();
const hash = fc.stringMatching(/^[0-9a-f]{64}$/).map((value) => branded<Sha256Hex>(value));
const instant = fc.date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true }).map((date) => date.toISOString());
const labels = fc.dictionary(text, text, { maxKeys: 4 });
const groups = fc.uniqueArray(text, { maxLength: 4 }).map((names) => names.sort());

/** A random id of any brand. */
function id<Id extends Parameters<typeof branded>[0] & string>(): fc.Arbitrary<Id> {
  return fc.uuid({ version: 7 }) as unknown as fc.Arbitrary<Id>;
}

const settings = fc.record({
  name: text,
  auditDurability: fc.constantFrom('process', 'disk', 'bus'),
  freshnessMode: fc.constantFrom('strict', 'fail_static'),
  failStaticMaxAgeSeconds: count,
});
const upstream: fc.Arbitrary<Upstream> = fc.oneof(
  fc.record({
    kind: fc.constant('http' as const),
    url: fc.webUrl(),
    headers: fc.array(fc.record({ name: text, sealedValue: text }), { maxLength: 3 }),
  }),
  fc.constant({ kind: 'stdio' as const }),
);
const grantToken = fc.record({ tokenId: id<TokenId>(), publicId: text, secretHash: hash });
const sinkConfiguration = {
  settings: text,
  credentials: fc.array(fc.record({ name: text, sealedValue: text }), { maxLength: 3 }),
  filter: fc.record({ types: fc.array(text, { maxLength: 3 }), outcomes: fc.array(text, { maxLength: 3 }) }),
  format: text,
  formatVersion: fc.option(text),
};
const changedTool = fc.record({ name: text, hash });

type Data<Type extends DomainFact['type']> = Extract<DomainFact, { type: Type }>['data'];

const dataOf: { readonly [Type in DomainFact['type']]: fc.Arbitrary<Data<Type>> } = {
  'organisation.created': fc.record({ slug: text, settings, wrappedKey: text }),
  'organisation.settings_changed': fc.record({ settings }),
  'member.added': fc.record({ memberId: id(), name: text, role: fc.constantFrom(...ROLES) }),
  'member.role_changed': fc.record({ memberId: id(), role: fc.constantFrom(...ROLES) }),
  'member.removed': fc.record({ memberId: id() }),
  'token.issued': fc.record({
    tokenId: id(),
    memberId: id(),
    role: fc.constantFrom(...ROLES),
    operator: fc.boolean(),
    publicId: text,
    secretHash: hash,
    label: text,
    expiresAt: instant,
  }),
  'token.revoked': fc.record({ tokenId: id(), reason: text }),
  'server.registered': fc.record({ serverId: id(), slug: text, upstream, timeoutMs: count }),
  'server.updated': fc.record({ serverId: id(), upstream, timeoutMs: count }),
  'server.disabled': fc.record({ serverId: id() }),
  'server.enabled': fc.record({ serverId: id() }),
  'server.tools_approved': fc.record({
    serverId: id(),
    eras: fc.subarray(['legacy', 'modern'] as const, { minLength: 1 }),
    protocolVersions: fc.array(text, { maxLength: 3 }),
    serverInfo: text,
    tools: fc.array(fc.record({ name: text, definition: text, hash }), { maxLength: 3 }),
    rejected: fc.array(fc.record({ name: text, reason: text }), { maxLength: 3 }),
  }),
  'server.tools_changed': fc.record({ serverId: id(), tools: fc.array(changedTool, { maxLength: 3 }) }),
  'server.tool_labelled': fc.record({
    serverId: id(),
    tool: text,
    category: fc.constantFrom(...TOOL_CATEGORIES, null),
    risk: fc.constantFrom(...TOOL_RISKS, null),
  }),
  'identity.created': fc.record({ identityId: id(), name: text, kind: fc.constantFrom(...IDENTITY_KINDS), labels, groups }),
  'identity.relabelled': fc.record({ identityId: id(), labels }),
  'identity.regrouped': fc.record({ identityId: id(), groups }),
  'identity.disabled': fc.record({ identityId: id() }),
  'identity.enabled': fc.record({ identityId: id() }),
  'policy.version_published': fc.record({
    policyId: id(),
    name: text,
    version: count,
    document: text,
    documentHash: hash,
    note: text,
    restoresVersion: count,
  }),
  'policy.shadow_started': fc.record({ policyId: id(), name: text, version: count, document: text }),
  'policy.shadow_stopped': fc.record({ policyId: id() }),
  'policy.tests_set': fc.record({ policyId: id(), version: count, tests: text, required: fc.boolean() }),
  'grant.issued': fc.record({
    grantId: id(),
    identityId: id(),
    serverId: id(),
    policyId: id(),
    labels,
    expiresAt: instant,
    token: grantToken,
  }),
  'grant.policy_attached': fc.record({ grantId: id(), policyId: id() }),
  'grant.token_rotated': fc.record({ grantId: id(), token: grantToken, previousValidUntil: instant }),
  'grant.revoked': fc.record({ grantId: id(), reason: text }),
  'grant.expired': fc.record({ grantId: id() }),
  'sink.added': fc.record({ sinkId: id(), name: text, sinkType: text, ...sinkConfiguration, afterSeq: count }),
  'sink.changed': fc.record({ sinkId: id(), ...sinkConfiguration }),
  'sink.confirmed': fc.record({ sinkId: id(), how: fc.constantFrom(...SINK_CONFIRMATIONS) }),
  'sink.paused': fc.record({ sinkId: id(), reason: text }),
  'sink.resumed': fc.record({ sinkId: id(), reason: text }),
  'sink.removed': fc.record({ sinkId: id(), reason: text }),
  'reveal.requested': fc.record({ revealId: id(), decisionId: id(), requestedBy: id(), reason: text, confirmBy: instant }),
  'reveal.confirmed': fc.record({ revealId: id(), confirmedBy: id(), readBy: instant, reads: count }),
  'reveal.refused': fc.record({ revealId: id(), refusedBy: id(), reason: text }),
  'reveal.read': fc.record({ revealId: id(), reading: count }),
  'reveal.expired': fc.record({ revealId: id() }),
};

/** Any fact of any type, in its current version, for property tests. */
export const anyFact: fc.Arbitrary<DomainFact> = fc.oneof(
  ...Object.entries(dataOf).map(([type, data]) => (data as fc.Arbitrary<unknown>).map((value) => factOf(type, value))),
);

function factOf(type: string, data: unknown): DomainFact {
  return { type, version: CURRENT_VERSIONS[type as DomainFact['type']], data } as DomainFact;
}

const anyActor: fc.Arbitrary<Actor> = fc.oneof(
  fc.record({ kind: fc.constant('member' as const), memberId: id<MemberId>(), tokenId: id<TokenId>() }),
  fc.record({ kind: fc.constant('system' as const), name: text }),
);

/** Any recorded event, for property tests. Its object need not fit its fact. */
export const anyEvent: fc.Arbitrary<DomainEvent> = fc.record({
  eventId: id<EventId>(),
  organisationId: id<OrganisationId>(),
  revision: fc.maxSafeNat().map((value) => branded<Revision>(value)),
  object: fc.record({ kind: fc.constantFrom(...OBJECT_KINDS), id: fc.uuid({ version: 7 }) }),
  objectVersion: count,
  occurredAt: instant,
  actor: anyActor,
  fact: anyFact,
});
