import { createHash } from 'node:crypto';

import { ADMIN_OBJECTS, AUDIT_EVENT_TYPES, sealEvent, type AuditFact, type Sha256 } from '@sallyport/audit-event';
import { CURRENT_VERSIONS, type DomainEvent, type DomainFact } from '@sallyport/domain-events';
import { EXAMPLE_FACTS } from '@sallyport/domain-events/testing';
import { branded } from '@sallyport/kernel';
import { applyPatch, type Operation } from 'rfc6902';
import { describe, expect, it } from 'vitest';

import { ADMIN_EVENTS } from './admin-events.js';
import { adminFact } from './admin-fact.js';
import { shownForm, type AuditedObject } from './audited-object.js';
import { evolveAudited } from './evolve-audited.js';

const sha256: Sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const id = '01930000-0000-7000-8000-0000000000aa';
const CANARY = 'canary-51be';

function eventOf(fact: DomainFact, over: Partial<DomainEvent> = {}): DomainEvent {
  return {
    eventId: branded('01930000-0000-7000-8000-0000000000e1'), organisationId: branded(id), revision: branded(7), objectVersion: 1, occurredAt: '2026-11-21T09:00:00.123Z',
    object: { kind: 'server', id }, actor: { kind: 'member', memberId: branded('m'), tokenId: branded('t') }, fact, ...over,
  };
}

/** The states before and after the last of some facts of one object. */
function statesOf(...facts: readonly DomainFact[]): { readonly before: AuditedObject; readonly after: AuditedObject } {
  let [before, after]: AuditedObject[] = [null, null];
  for (const fact of facts) {
    before = after ?? null;
    after = evolveAudited(before, fact, sha256);
  }
  return { before: before ?? null, after: after ?? null };
}

function factOf(...facts: readonly DomainFact[]): AuditFact {
  const last = facts.at(-1);
  if (last === undefined) throw new Error('no fact');
  return adminFact(eventOf(last), { ...statesOf(...facts), actor: { name: 'Zoë', roles: ['admin'] }, sha256 });
}

const registered = EXAMPLE_FACTS['server.registered'];
const withHeader = (value: string): DomainFact => ({
  type: 'server.updated', version: 1,
  data: { serverId: registered.data.serverId, upstream: { kind: 'http', url: `https://u:${CANARY}@mcp.example/mcp?key=${CANARY}`, headers: [{ name: 'Authorization', sealedValue: value }] }, timeoutMs: 5 },
});
const approved = EXAMPLE_FACTS['server.tools_approved'];
const toolsOf = (count: number): DomainFact => ({ ...approved, data: { ...approved.data, tools: Array.from({ length: count }, (_, n) => ({ name: `t/${n}~`, definition: '{}', hash: branded('ab'.repeat(32)) })) } });
const changed = (name: string, hash: string): DomainFact => ({ type: 'server.tools_changed', version: 1, data: { serverId: approved.data.serverId, tools: [{ name, hash: branded(hash) }] } });

describe('the audit fact of a domain event', () => {
  it('is there for every type of event, and of a type that the schema knows', () => {
    expect(Object.keys(ADMIN_EVENTS).sort()).toEqual(Object.keys(CURRENT_VERSIONS).sort());
    for (const [type, row] of Object.entries(ADMIN_EVENTS)) {
      const [family, object] = row.type.split('.');
      expect(family === 'admin' ? ADMIN_OBJECTS : [row.object], type).toContain(family === 'admin' ? object : row.object);
      if (family !== 'admin') expect(AUDIT_EVENT_TYPES, type).toContain(row.type);
      if (family === 'admin') expect([object, row.type.split('.')[2]], type).toEqual([row.object, type.split('.')[1]]);
    }
  });

  it('is what the schema takes, whole, for every type of event, and the same whenever it is made', () => {
    for (const fact of Object.values(EXAMPLE_FACTS)) {
      const made = factOf(fact);
      const { line } = sealEvent(made, { stream: id, seq: 1, observedTime: made.time, prevHash: '0'.repeat(64), keyEpoch: 1 }, sha256);
      expect(JSON.parse(line), fact.type).toMatchObject(made);
      expect(factOf(fact)).toEqual(made);
      expect(made).toMatchObject({ event_id: eventOf(fact).eventId, admin: { action: fact.type, object_id: id, revision: 7 } });
    }
  });

  it('holds no sealed value, no hash of a token, no wrapped key, no document and no definition, for any type of event', () => {
    const secrets = ['v1.d3JhcHBlZA', '0123456789abcdef'.repeat(4), 'v1.c2VhbGVk', 'aB3dE5gH', '"rules":[]', 'inputSchema', '{"tests":[]}'];
    for (const fact of Object.values(EXAMPLE_FACTS)) {
      if (fact.type === 'server.tools_approved' || fact.type === 'server.tools_changed') continue; // there the example's hash is of a definition
      const text = JSON.stringify(factOf(fact));
      expect(secrets.filter((secret) => text.includes(secret)), fact.type).toEqual([]);
    }
    expect(JSON.stringify(factOf(approved))).not.toContain('inputSchema');
  });

  it('has a patch that leads from what is shown before to what is shown after', () => {
    const histories: readonly (readonly DomainFact[])[] = [
      [registered, withHeader('s1')],
      [registered, toolsOf(3), changed('t/0~', 'cd')],
      [EXAMPLE_FACTS['grant.issued'], EXAMPLE_FACTS['grant.token_rotated']],
      [EXAMPLE_FACTS['policy.version_published'], EXAMPLE_FACTS['policy.shadow_started']],
      [EXAMPLE_FACTS['sink.added'], EXAMPLE_FACTS['sink.changed']],
      [EXAMPLE_FACTS['identity.created'], EXAMPLE_FACTS['identity.relabelled']],
      [EXAMPLE_FACTS['identity.created'], EXAMPLE_FACTS['identity.regrouped']],
    ];
    for (const history of histories) {
      const { before, after } = statesOf(...history);
      const shown: unknown = JSON.parse(JSON.stringify(shownForm(before)));
      expect(applyPatch(shown, (factOf(...history).admin?.patch ?? []) as Operation[])).toEqual((factOf(...history).admin?.patch ?? []).map(() => null));
      expect(shown).toEqual(shownForm(after));
    }
  });

  it('shows which groups an identity is in, before and after', () => {
    const { admin, ...rest } = factOf(EXAMPLE_FACTS['identity.created'], EXAMPLE_FACTS['identity.regrouped']);
    expect(rest).toMatchObject({ type: 'admin.identity.regrouped', severity: 2 });
    expect(admin?.patch).toEqual([{ op: 'replace', path: '/groups', value: ['on call'] }]);
    expect(factOf(EXAMPLE_FACTS['identity.created']).admin?.patch).toContainEqual({ op: 'add', path: '/groups', value: ['finance', 'ops'] });
  });

  it('shows that a secret changed and not what it is', () => {
    const { admin } = factOf(registered, withHeader('sealed-1'), withHeader('sealed-2'));
    expect(admin?.patch).toEqual([{ op: 'replace', path: '/upstream/headers/authorization', value: '<secret>' }]);
    expect(admin?.before_hash).not.toBe(admin?.after_hash);
  });

  it('masks what may be a secret in an address', () => {
    const text = JSON.stringify(factOf(registered, withHeader('sealed')));
    expect(text).toContain('https://<secret>@mcp.example/mcp?<secret>');
    expect(text).not.toContain(CANARY);
  });

  it('has the hash of the object before only where there was one, and chains from event to event', () => {
    const created = factOf(EXAMPLE_FACTS['identity.created']);
    expect(created.admin).not.toHaveProperty('before_hash');
    expect(factOf(EXAMPLE_FACTS['identity.created'], EXAMPLE_FACTS['identity.disabled']).admin?.before_hash).toBe(created.admin?.after_hash);
  });

  it('stays small when a list of tools is replaced', () => {
    const [whole] = factOf(registered, toolsOf(500)).admin?.patch?.filter(({ path }) => path === '/tools') ?? [];
    expect(whole).toEqual({ op: 'add', path: '/tools', value: { members: 500 } });
    expect(JSON.stringify(factOf(registered, toolsOf(500)).admin).length).toBeLessThan(2_000);
  });

  it('tells a definition that was approved and differs from tools that came or went', () => {
    expect(factOf(registered, toolsOf(2), changed('t/0~', 'cd'))).toMatchObject({ type: 'definition.quarantined', severity: 3 });
    expect(factOf(registered, toolsOf(2), changed('new', 'cd'))).toMatchObject({ type: 'definition.drift' });
    expect(factOf(registered, toolsOf(2), changed('t/0~', ''))).toMatchObject({ type: 'definition.drift' });
    expect(factOf(registered, toolsOf(2)).type).toBe('definition.approved');
  });

  it('says who did it, and what was Sallyport itself', () => {
    expect(factOf(EXAMPLE_FACTS['grant.revoked'])).toMatchObject({ actor: { kind: 'member', identity_id: 'm', name: 'Zoë', credential_id: 't', roles: ['admin'] }, admin: { reason: 'no longer needed' } });
    const bySystem = adminFact(eventOf(EXAMPLE_FACTS['grant.expired'], { actor: { kind: 'system', name: 'expiry' } }), { before: null, after: null, actor: null, sha256 });
    expect(bySystem.actor).toEqual({ kind: 'system', name: 'expiry' });
  });

  it('keeps a tool named __proto__ a member like any other', () => {
    const { after } = statesOf(registered, changed('__proto__', 'cd'));
    expect(Object.keys((after?.['quarantined'] ?? {}) as object)).toEqual(['__proto__']);
  });
});
