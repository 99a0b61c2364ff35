import { parseVerifierKey } from '@sallyport/audit-chain';
import { branded, canonicalJson, type DecisionId, type IdentityId, type OrganisationId } from '@sallyport/kernel';
import { AesSecretBox, RootKey } from '@sallyport/secrets-aes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { anOrganisation, type TestOrganisation } from '../../../testing/an-organisation.js';
import { exported, verified } from '../../../testing/audit-trail.js';
import { aCompleted, aDecided, sequenced, testId } from '../../../testing/decision-records.js';
import { mutate } from '../../../testing/mutate.js';
import { withDatabase } from '../../../testing/tables-of.js';
import { sha256 } from '../store/sha256.js';

const CANARY = 'canary-of-a-person';
const ARGS = { account: CANARY };
const NINE = Date.parse('2026-11-21T09:00:00.000Z');

describe('kept values of an identity', () => {
  let world: TestControlPlane;
  let organisation: TestOrganisation;
  let [asker, other] = ['', ''];
  let calls = 0;
  const box = new AesSecretBox(RootKey.parse('ab'.repeat(32)));
  beforeAll(async () => {
    world = await aControlPlane();
    organisation = await anOrganisation(world, 'Erasures');
    asker = await organisation.tokenOf('auditor');
    other = await organisation.tokenOf('auditor');
  });
  afterAll(() => world.close());

  const rows = async (sql: string, ...values: readonly unknown[]) => withDatabase(world.database.url, async (client) => (await client.query(sql, [...values])).rows);
  const wrappedKey = async () => String((await rows('SELECT wrapped_key FROM organisations WHERE organisation_id = $1', organisation.id))[0]?.['wrapped_key']);
  const contextOf = (decisionId: DecisionId) => ({ organisationId: branded<OrganisationId>(organisation.id), objectKind: 'decision', objectId: decisionId, field: 'arguments' });
  const anIdentity = async (name: string): Promise<IdentityId> => {
    const { identity } = await mutate(world, 'createIdentity', 'identity { id }', { name, kind: 'agent' }, { token: organisation.adminToken });
    return branded<IdentityId>((identity as { id: string }).id);
  };
  /** A call whose values a worker kept, decided at an instant and handed in now; what the worker sealed is answered too. */
  const aCall = async (identityId: IdentityId, atMs: number = world.clock.now()): Promise<{ readonly decision: DecisionId; readonly sealed: string }> => {
    const n = (calls += 1);
    const organisationId = branded<OrganisationId>(organisation.id);
    const sealed = box.seal(contextOf(testId(n)), await wrappedKey(), canonicalJson({ level: 'full', arguments: ARGS }));
    const records = sequenced(aDecided(organisationId, n, { identityId, sealedArguments: sealed, at: branded(atMs) }), aCompleted(organisationId, n));
    await world.plane.auditBus.publish(records.map((record) => ({ ...record, localSeq: n * 2 + record.localSeq })));
    return { decision: testId(n), sealed };
  };
  const request = (decision: string) => mutate(world, 'requestReveal', 'reveal { id }', { decision, reason: 'case 17' }, { token: asker });
  const confirmed = async (decision: string): Promise<string> => {
    const { reveal } = await request(decision);
    const { id } = reveal as { id: string };
    await mutate(world, 'confirmReveal', 'reveal { id }', { reveal: id }, { token: other });
    return id;
  };
  const read = (reveal: string) => mutate(world, 'readReveal', 'arguments reveal { readings }', { reveal }, { token: asker });
  const erase = (identity: string, token = organisation.adminToken) => mutate(world, 'eraseKeptValues', 'identityId erasedAt hadValues', { identity, reason: 'case 21' }, { token });
  const exportAndVerify = async () => {
    await world.plane.auditTold();
    await world.plane.signAuditHeads();
    const { data } = await world.ask('{ auditKeys }', { token: organisation.adminToken });
    const keys = (data?.['auditKeys'] as string[]).flatMap((text) => {
      const key = parseVerifierKey(text, sha256);
      return key.ok ? [key.value] : [];
    });
    const { text } = await exported(world, '', organisation.adminToken);
    return { text, report: verified(text, keys) };
  };

  it('are stored and put into the stream under a key of the identity, which is in no event', async () => {
    const identityId = await anIdentity('anna');
    const { decision, sealed } = await aCall(identityId);
    const [row] = await rows('SELECT sealed_arguments AS text FROM decisions WHERE decision_id = $1', decision);
    const [event] = await rows(`SELECT line::jsonb->'request'->>'args_excerpt' AS text FROM audit_events WHERE event_id = $1`, decision);
    const [key] = await rows('SELECT key_id, wrapped_key FROM audit_subject_keys WHERE identity_id = $1', identityId);
    expect(row?.['text']).toMatch(new RegExp(`^s2\\.${key?.['key_id']}\\.`));
    expect(event?.['text']).toBe(row?.['text']);
    const organisationKey = await wrappedKey();
    for (const text of [row?.['text'], String(row?.['text']).replace(/^s2\.[^.]+/, 's1')]) expect(() => box.open(contextOf(decision), organisationKey, text)).toThrow();
    const [elsewhere] = await rows('SELECT count(*)::int AS found FROM audit_events WHERE position($1 IN line) > 0', key?.['wrapped_key']);
    expect([elsewhere?.['found'], sealed === row?.['text']]).toEqual([0, false]);
    expect(await read(await confirmed(decision))).toMatchObject({ arguments: canonicalJson(ARGS) });
  });

  it('are read by nobody once they were erased, and the chain verifies as before [audit/erasable]', async () => {
    const identityId = await anIdentity('bert');
    const stays = await aCall(await anIdentity('carla'));
    const { decision } = await aCall(identityId);
    const [open, kept] = [await confirmed(decision), await confirmed(stays.decision)];
    const before = await exportAndVerify();
    world.clock.advance(1_000);
    expect(await erase('bert')).toMatchObject({ identityId, erasedAt: '2026-11-21T09:00:01.000Z', hadValues: true });
    expect(await read(open)).toMatchObject({ code: 'reveal.erased', pointer: '/reveal' });
    expect(await request(decision)).toMatchObject({ code: 'reveal.erased', pointer: '/decision' });
    expect(await rows('SELECT count(wrapped_key)::int AS keys, count(destroyed_at)::int AS destroyed FROM audit_subject_keys WHERE identity_id = $1', identityId)).toEqual([{ keys: 0, destroyed: 1 }]);
    const after = await exportAndVerify();
    expect(before.report).toMatchObject({ code: 0, findings: [] });
    expect(after.report).toMatchObject({ code: 0, findings: [] });
    expect(after.text).toContain(before.text.split('\n').filter((line) => line.includes(decision))[0]);
    expect(await read(kept)).toMatchObject({ arguments: canonicalJson(ARGS), reveal: { readings: 1 } });
  });

  it('are erased on record: who, whose, and why', async () => {
    const identityId = await anIdentity('dora');
    await erase(identityId);
    const [event] = await rows(`SELECT line::jsonb AS event FROM audit_events WHERE type = 'admin.identity.values_erased' AND line::jsonb->'admin'->>'object_id' = $1`, identityId);
    expect(event?.['event']).toMatchObject({ outcome: 'success', actor: { kind: 'member', identity_id: organisation.memberId }, admin: { action: 'values_erased', object_type: 'identity', reason: 'case 21' } });
  });

  it('that come after an erasure, of calls from before it, are not kept; those of later calls are, under another key', async () => {
    const identityId = await anIdentity('emil');
    expect(await erase('emil')).toMatchObject({ hadValues: false });
    const late = await aCall(identityId, NINE - 1_000);
    expect(await request(late.decision)).toMatchObject({ code: 'reveal.nothing_kept' });
    world.clock.advance(1_000);
    const anew = await aCall(identityId);
    expect(await read(await confirmed(anew.decision))).toMatchObject({ arguments: canonicalJson(ARGS) });
    expect(await erase('emil')).toMatchObject({ hadValues: true });
    expect(await request(anew.decision)).toMatchObject({ code: 'reveal.erased' });
    const [{ lines }] = (await rows(`SELECT count(*)::int AS lines FROM audit_events WHERE event_id = $1 AND line::jsonb->'request' ? 'args_excerpt'`, late.decision)) as [{ lines: number }];
    expect(lines).toBe(0);
  });

  it('stay while a legal hold is on', async () => {
    const { decision } = await aCall(await anIdentity('frida'));
    const hold = (legalHold: boolean) => mutate(world, 'setAuditRetention', 'retention { legalHold }', { legalHold, reason: 'case 3' }, { token: organisation.adminToken });
    await hold(true);
    expect(await erase('frida')).toMatchObject({ code: 'audit.legal_hold' });
    expect(await read(await confirmed(decision))).toMatchObject({ arguments: canonicalJson(ARGS) });
    await hold(false);
    expect(await erase('frida')).toMatchObject({ hadValues: true });
  });

  it('are erased by admins of their own organisation, with a reason, of an identity that is there', async () => {
    const identityId = await anIdentity('gerd');
    const mutation = 'mutation ($input: EraseKeptValuesInput!) { eraseKeptValues(input: $input) { __typename } }';
    for (const role of ['viewer', 'policy_manager', 'auditor'] as const) {
      expect((await world.ask(mutation, { token: await organisation.tokenOf(role), variables: { input: { identity: identityId, reason: 'x' } } })).status).toBe(403);
    }
    const stranger = await anOrganisation(world, 'Other erasures');
    expect(await erase(identityId, stranger.adminToken)).toMatchObject({ code: 'identity.unknown', pointer: '/identity' });
    expect(await erase('nobody')).toMatchObject({ code: 'identity.unknown' });
    expect(await mutate(world, 'eraseKeptValues', 'hadValues', { identity: 'gerd', reason: ' ' }, { token: organisation.adminToken })).toMatchObject({ code: 'audit.reason_needed' });
    expect(await rows('SELECT FROM audit_subject_keys WHERE identity_id = $1', identityId)).toEqual([]);
  });
});
