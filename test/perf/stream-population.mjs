// A deployment's worth of organisations, as the control plane would publish them: folded states, signed, in a frontier.
import { createHash, randomUUID } from 'node:crypto';

import { OrganisationFold } from '@sallyport/organisation-state';
import { encodeState, stateHash } from '@sallyport/wire';

const EXPIRES = '2030-01-01T00:00:00.000Z';
const SETTINGS = { auditDurability: 'disk', freshnessMode: 'strict', failStaticMaxAgeSeconds: 60 };
const hash = (text) => createHash('sha256').update(text).digest('hex');

/** Folded organisations, one after the other: each with a server of five tools, two identities, two policies and its share of the grants. */
export function* organisations({ count, grants }) {
  for (let number = 0; number < count; number += 1) yield organisation(number, Math.floor(grants / count));
}

/** What stands on `cp.snapshots` for an organisation. */
export function snapshotOf(fold) {
  const state = encodeState(fold);
  return { kind: 'snapshot', organisationId: fold.organisationId, revision: fold.revision, state, stateHash: stateHash(state) };
}

/** An identity comes to be: the smallest event that every organisation takes. */
export function anEvent(fold) {
  const fact = { type: 'identity.created', version: 2, data: { identityId: randomUUID(), name: 'late', kind: 'agent', labels: {}, groups: [] } };
  return eventOf(fold, fact);
}

function organisation(number, grants) {
  const fold = new OrganisationFold(randomUUID());
  const [serverId, agent, human, policy, strict] = Array.from({ length: 5 }, () => randomUUID());
  const apply = (fact) => {
    const folded = fold.apply(eventOf(fold, { version: 1, ...fact }));
    if (!folded.ok) throw new Error(folded.refusal.sentence);
  };
  apply({ type: 'organisation.created', data: { slug: `org-${number}`, settings: { name: `Organisation ${number}`, ...SETTINGS }, wrappedKey: `k1.${hash(`${number}`)}` } });
  apply({ type: 'server.registered', data: { serverId, slug: 'tools', timeoutMs: 60_000, upstream: { kind: 'http', url: `https://mcp-${number}.example.com/mcp`, headers: [{ name: 'authorization', sealedValue: `s1.${hash('a')}.${hash('b')}` }] } } });
  apply({ type: 'server.tools_approved', data: { serverId, eras: ['legacy'], protocolVersions: ['2025-11-25'], serverInfo: '{"name":"tools","version":"1"}', tools: tools(number), rejected: [] } });
  apply({ type: 'identity.created', version: 2, data: { identityId: agent, name: 'ci-runner', kind: 'agent', labels: { team: 'platform' }, groups: [] } });
  apply({ type: 'identity.created', version: 2, data: { identityId: human, name: 'ada', kind: 'human', labels: {}, groups: [] } });
  for (const [policyId, limit] of [[policy, 100 + number], [strict, 10]]) apply({ type: 'policy.version_published', data: { policyId, name: 'usual', version: 1, document: document(limit), documentHash: hash(document(limit)), note: '', restoresVersion: 0 } });
  for (let n = 0; n < grants; n += 1) apply({ type: 'grant.issued', data: { grantId: randomUUID(), identityId: n % 2 === 0 ? agent : human, serverId, policyId: n % 3 === 0 ? strict : policy, labels: {}, expiresAt: EXPIRES, token: { tokenId: randomUUID(), publicId: hash(`${number}/${n}`).slice(0, 8), secretHash: hash(`secret ${number}/${n}`) } } });
  return fold;
}

function eventOf(fold, fact) {
  return {
    eventId: randomUUID(), organisationId: fold.organisationId, revision: fold.revision + 1, object: { kind: 'organisation', id: fold.organisationId },
    objectVersion: 1, occurredAt: '2026-11-21T12:00:00.000Z', actor: { kind: 'system', name: 'bench' }, fact,
  };
}

function tools(number) {
  return ['search', 'read', 'write', 'list', 'delete'].map((name) => {
    const definition = JSON.stringify({ name: `${name}_${number}`, description: `Does ${name} in the project, and says what it did. `.repeat(2), inputSchema: { type: 'object', properties: { path: { type: 'string', description: 'Where, from the root of the project.' }, limit: { type: 'integer', minimum: 1 } }, required: ['path'] } });
    return { name: `${name}_${number}`, definition, hash: hash(definition) };
  });
}

function document(max) {
  const read = { require: [{ conditions: [{ path: 'args.path', op: 'regex', value: '^[a-z/]+$' }] }], limits: [{ counter: 'reads', window: 'day', max, scope: 'grant' }] };
  return JSON.stringify({ version: '1', default: 'deny', tools: { search_0: {}, read_0: read, list_0: {} } });
}
