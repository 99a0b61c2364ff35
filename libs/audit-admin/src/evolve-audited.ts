import { hexOf, type Sha256 } from '@sallyport/audit-event';
import type { DomainFact, GrantToken, RevealEvent, ServerEvent, SinkEvent, Upstream } from '@sallyport/domain-events';

import { SecretText, hasMembers, type AuditedMembers, type AuditedObject, type AuditedValue } from './audited-object.js';
import { diffObjects } from './diff-objects.js';
import { maskedAddress } from './masked-address.js';

/**
 * An object after one more fact of its stream. Members are named as patches name them. Texts that are large, or hold what callers may
 * not want to send around (documents, definitions, tests), stand by their SHA-256.
 */
export function evolveAudited(object: AuditedObject, fact: DomainFact, sha256: Sha256): AuditedObject {
  const now = object ?? {};
  const hashOf = (text: string): string => hexOf(sha256(new TextEncoder().encode(text)));
  switch (fact.type) {
    case 'organisation.created':
      return { slug: fact.data.slug, settings: { ...fact.data.settings }, wrapped_key: new SecretText(fact.data.wrappedKey) };
    case 'organisation.settings_changed':
      return { ...now, settings: { ...fact.data.settings } };
    case 'member.added':
      return { name: fact.data.name, role: fact.data.role, status: 'active' };
    case 'member.role_changed':
      return { ...now, role: fact.data.role };
    case 'member.removed':
      return { ...now, status: 'removed' };
    case 'token.issued': {
      const { memberId, role, operator, label, expiresAt, secretHash } = fact.data;
      return { member_id: memberId, role, operator, label, expires_at: expiresAt, secret: new SecretText(secretHash), status: 'active' };
    }
    case 'token.revoked':
      return { ...now, status: 'revoked' };
    case 'identity.created':
      return { name: fact.data.name, kind: fact.data.kind, labels: { ...fact.data.labels }, groups: [...fact.data.groups], status: 'active' };
    case 'identity.relabelled':
      return { ...now, labels: { ...fact.data.labels } };
    case 'identity.regrouped':
      return { ...now, groups: [...fact.data.groups] };
    case 'identity.disabled':
      return { ...now, status: 'disabled' };
    case 'identity.enabled':
      return { ...now, status: 'active' };
    case 'policy.version_published': {
      const { name, version, document, restoresVersion } = fact.data;
      return { ...omit(now, 'restores_version'), name, version, document_sha256: hashOf(document), ...(restoresVersion === 0 ? {} : { restores_version: restoresVersion }) };
    }
    case 'policy.shadow_started':
      return { ...now, name: fact.data.name, shadow: { version: fact.data.version, document_sha256: hashOf(fact.data.document) } };
    case 'policy.shadow_stopped':
      return { ...now, shadow: null };
    case 'policy.tests_set':
      return { ...now, tests: fact.data.tests === '' ? null : { sha256: hashOf(fact.data.tests), required: fact.data.required, since_version: fact.data.version } };
    case 'grant.issued': {
      const { identityId, serverId, policyId, labels, expiresAt, token } = fact.data;
      return { identity_id: identityId, server_id: serverId, policy_id: policyId, labels: { ...labels }, expires_at: expiresAt, token: tokenOf(token), status: 'active' };
    }
    case 'grant.policy_attached':
      return { ...now, policy_id: fact.data.policyId };
    case 'grant.token_rotated':
      return { ...now, token: tokenOf(fact.data.token), previous_valid_until: fact.data.previousValidUntil };
    case 'grant.revoked':
      return { ...now, status: 'revoked' };
    case 'grant.expired':
      return { ...now, status: 'expired' };
    default:
      return evolveOfKind(now, fact, hashOf);
  }
}

function evolveOfKind(now: AuditedMembers, fact: ServerEvent | SinkEvent | RevealEvent, hashOf: (text: string) => string): AuditedMembers {
  if (isOfKind(fact, 'server')) return evolveServer(now, fact, hashOf);
  return isOfKind(fact, 'reveal') ? evolveReveal(now, fact) : evolveSink(now, fact);
}

function isOfKind<AnyFact extends DomainFact, Kind extends 'server' | 'reveal'>(fact: AnyFact, kind: Kind): fact is Extract<AnyFact, { readonly type: `${Kind}.${string}` }> {
  return fact.type.startsWith(`${kind}.`);
}

function evolveServer(now: AuditedMembers, fact: ServerEvent, hashOf: (text: string) => string): AuditedMembers {
  switch (fact.type) {
    case 'server.registered':
      return { slug: fact.data.slug, upstream: upstreamOf(fact.data.upstream), timeout_ms: fact.data.timeoutMs, status: 'active' };
    case 'server.updated':
      return { ...now, upstream: upstreamOf(fact.data.upstream), timeout_ms: fact.data.timeoutMs };
    case 'server.disabled':
      return { ...now, status: 'disabled' };
    case 'server.enabled':
      return { ...now, status: 'active' };
    case 'server.tools_approved': {
      const { eras, protocolVersions, serverInfo, tools, rejected } = fact.data;
      const listed = { tools: byName(tools.map(({ name, hash }) => [name, hash])), rejected: byName(rejected.map(({ name, reason }) => [name, reason])) };
      return { ...now, eras: [...eras], protocol_versions: [...protocolVersions], server_info_sha256: hashOf(serverInfo), ...listed, quarantined: {} };
    }
    case 'server.tools_changed': {
      const changed = byName(fact.data.tools.map(({ name, hash }) => [name, hash]));
      return { ...now, quarantined: { ...(hasMembers(now['quarantined']) ? now['quarantined'] : {}), ...changed } };
    }
    case 'server.tool_labelled': {
      const { tool, category, risk } = fact.data;
      const labels = hasMembers(now['labels']) ? now['labels'] : {};
      return { ...now, labels: category === null && risk === null ? omit(labels, tool) : { ...labels, [tool]: { category, risk } } };
    }
  }
}

function evolveSink(now: AuditedMembers, fact: SinkEvent): AuditedMembers {
  switch (fact.type) {
    case 'sink.added': {
      const { name, sinkType, afterSeq } = fact.data;
      return { name, type: sinkType, ...configurationOf(fact.data), after_seq: afterSeq, confirmed_how: null, paused: false, status: 'active' };
    }
    case 'sink.changed':
      return reconfigured(now, configurationOf(fact.data));
    case 'sink.confirmed':
      return { ...now, confirmed_how: fact.data.how };
    case 'sink.paused':
      return { ...now, paused: true };
    case 'sink.resumed':
      return { ...now, paused: false };
    case 'sink.removed':
      return { ...now, status: 'removed' };
  }
}

function evolveReveal(now: AuditedMembers, fact: RevealEvent): AuditedMembers {
  switch (fact.type) {
    case 'reveal.requested': {
      const { decisionId, requestedBy, confirmBy } = fact.data;
      return { decision_id: decisionId, requested_by: requestedBy, confirm_by: confirmBy, status: 'requested' };
    }
    case 'reveal.confirmed': {
      const { confirmedBy, readBy, reads } = fact.data;
      return { ...now, confirmed_by: confirmedBy, read_by: readBy, reads, readings: 0, status: 'confirmed' };
    }
    case 'reveal.refused':
      return { ...now, refused_by: fact.data.refusedBy, status: 'refused' };
    case 'reveal.read':
      return { ...now, readings: fact.data.reading };
    case 'reveal.expired':
      return { ...now, status: 'expired' };
  }
}

/** Another receiver, or another account at the same one, is to be confirmed again. */
function reconfigured(now: AuditedMembers, given: AuditedMembers): AuditedMembers {
  const receiverOf = ({ settings = null, credentials = null }: AuditedMembers): AuditedMembers => ({ settings, credentials });
  const isSame = diffObjects(receiverOf(now), receiverOf(given)).length === 0;
  return { ...now, ...given, ...(isSame ? {} : { confirmed_how: null }) };
}

function configurationOf({ settings, credentials, filter, format, formatVersion }: Extract<SinkEvent, { type: 'sink.changed' }>['data']): AuditedMembers {
  return {
    settings: masked(JSON.parse(settings) as AuditedValue),
    credentials: byName(credentials.map(({ name, sealedValue }) => [name, new SecretText(sealedValue)])),
    filter: { types: [...filter.types], outcomes: [...filter.outcomes] },
    format,
    format_version: formatVersion,
  };
}

function upstreamOf(upstream: Upstream): AuditedMembers {
  if (upstream.kind === 'stdio') return { kind: 'stdio' };
  const headers = byName(upstream.headers.map(({ name, sealedValue }) => [name.toLowerCase(), new SecretText(sealedValue)]));
  return { kind: 'http', url: addressOf(upstream.url), headers };
}

function tokenOf({ tokenId, secretHash }: GrantToken): AuditedMembers {
  return { id: tokenId, secret: new SecretText(secretHash) };
}

/** An address in which there is something to mask shows its form and keeps the rest as a secret. */
function addressOf(url: string): AuditedValue {
  const shown = maskedAddress(url);
  return shown === url ? url : { address: shown, whole: new SecretText(url) };
}

function masked(value: AuditedValue): AuditedValue {
  if (typeof value === 'string') return addressOf(value);
  if (Array.isArray(value)) return value.map((item: AuditedValue) => masked(item));
  return hasMembers(value) ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, masked(member)])) : value;
}

/** `Object.fromEntries` makes every name an own member, `__proto__` too. */
function byName(entries: readonly (readonly [string, AuditedValue])[]): AuditedMembers {
  return Object.fromEntries(entries);
}

function omit(members: AuditedMembers, name: string): AuditedMembers {
  return Object.fromEntries(Object.entries(members).filter(([known]) => known !== name));
}
