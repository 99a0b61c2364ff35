import { branded, canonicalJson, type DecisionId, type OrganisationId } from '@sallyport/kernel';
import { ManualScheduler } from '@sallyport/kernel/testing';
import { AesSecretBox, RootKey } from '@sallyport/secrets-aes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { anOrganisation, type TestOrganisation } from '../../testing/an-organisation.js';
import { aCompleted, aDecided, sequenced, testId } from '../../testing/decision-records.js';
import { mutate, type Answer } from '../../testing/mutate.js';
import { dumpOf, tablesOf, withDatabase } from '../../testing/tables-of.js';
import { SWEEP_INTERVAL_MS } from '../../platform/commands/expiry-sweep.js';

const CANARY = 'canary-7d1f-of-the-arguments';
const ARGS = { account: CANARY, amount: 12 };
const FIELDS = 'reveal { id status requestedBy confirmedBy readings confirmBy readBy reads }';

interface Member {
  readonly id: string;
  readonly token: string;
}

describe('reveals', () => {
  let world: TestControlPlane;
  let organisation: TestOrganisation;
  let asker: Member;
  let other: Member;
  let decisions = 0;
  const scheduler = new ManualScheduler();
  const box = new AesSecretBox(RootKey.parse('ab'.repeat(32)));

  beforeAll(async () => {
    world = await aControlPlane({ scheduler });
    organisation = await anOrganisation(world, 'Reveals');
    asker = await member(await organisation.tokenOf('auditor'));
    other = await member(await organisation.tokenOf('auditor'));
  });
  afterAll(() => world.close());

  const member = async (token: string): Promise<Member> => {
    const { data } = await world.ask('{ whoami { member { id } } }', { token });
    return { id: (data?.['whoami'] as { member: { id: string } }).member.id, token };
  };
  const tokenFor = async (maker: string, memberId: string, role = 'auditor'): Promise<string> => {
    const made = await mutate(world, 'createToken', 'token', { role, member: memberId }, { token: maker });
    return String(made['token']);
  };

  /** A decision whose arguments were kept, or of which nothing was. */
  const aDecision = async (kept: 'full' | 'excerpt' | null = 'full'): Promise<DecisionId> => {
    const n = (decisions += 1);
    const organisationId = branded<OrganisationId>(organisation.id);
    const wrappedKey = await withDatabase(world.database.url, async (client) => String((await client.query('SELECT wrapped_key FROM organisations WHERE organisation_id = $1', [organisationId])).rows[0]['wrapped_key']));
    const context = { organisationId, objectKind: 'decision', objectId: testId<DecisionId>(n), field: 'arguments' };
    const sealedArguments = kept === null ? null : box.seal(context, wrappedKey, canonicalJson({ level: kept, arguments: ARGS }));
    const records = sequenced(aDecided(organisationId, n, { sealedArguments, argumentKeys: ['account', 'amount'] }), aCompleted(organisationId, n));
    await world.plane.auditBus.publish(records.map((record) => ({ ...record, localSeq: n * 2 + record.localSeq })));
    return testId<DecisionId>(n);
  };
  const request = async (decision: string, { token } = asker): Promise<Answer> => mutate(world, 'requestReveal', FIELDS, { decision, reason: 'case 17' }, { token });
  const asked = async (decision?: string): Promise<string> => idOf(await request(decision ?? (await aDecision())));
  const confirm = (reveal: string, { token } = other, more: object = {}) => mutate(world, 'confirmReveal', FIELDS, { reveal, ...more }, { token });
  const refuseIt = (reveal: string, { token } = other) => mutate(world, 'refuseReveal', FIELDS, { reveal, reason: 'not needed' }, { token });
  const read = (reveal: string, { token } = asker) => mutate(world, 'readReveal', `level arguments ${FIELDS}`, { reveal }, { token });
  const idOf = (answer: Answer) => (answer['reveal'] as { id: string }).id;
  const revealed = async (decisionId: string) => {
    const { data } = await world.ask('{ auditEvents(first: 100, filter: { type: "audit.redaction_revealed" }) { nodes { line } } }', { token: organisation.adminToken });
    const { nodes } = data?.['auditEvents'] as { nodes: { line: string }[] };
    return nodes.map(({ line }) => JSON.parse(line) as Record<string, unknown>).filter((event) => (event['decision'] as { decision_id: string }).decision_id === decisionId);
  };

  it('show the values to who asked once another member has agreed, and say so in the audit stream first', async () => {
    const decision = await aDecision();
    const requested = await request(decision);
    expect(requested['reveal']).toMatchObject({ status: 'requested', requestedBy: asker.id, confirmedBy: null, readings: 0, confirmBy: '2026-11-22T09:00:00.000Z' });
    const reveal = idOf(requested);
    expect(await read(reveal)).toMatchObject({ code: 'reveal.not_confirmed', pointer: '/reveal' });
    expect((await confirm(reveal))['reveal']).toMatchObject({ status: 'confirmed', confirmedBy: other.id, readBy: '2026-11-21T09:15:00.000Z', reads: 3 });
    expect(await read(reveal)).toMatchObject({ level: 'full', arguments: canonicalJson(ARGS), reveal: { readings: 1 } });
    const [event, ...more] = await revealed(decision);
    expect(more).toEqual([]);
    expect(event).toMatchObject({ type: 'audit.redaction_revealed', outcome: 'success', actor: { identity_id: asker.id, kind: 'member' }, admin: { object_type: 'reveal', object_id: reveal, reason: 'case 17' } });
    const patch = (event?.['admin'] as { patch: { path: string; value: unknown }[] }).patch;
    expect(Object.fromEntries(patch.map(({ path, value }) => [path, value]))).toEqual({ '/decision_id': decision, '/requested_by': asker.id, '/confirmed_by': other.id, '/reading': 1, '/level': 'full' });
  });

  it('are facts, step by step, and each is in the audit stream', async () => {
    const reveal = await asked();
    await confirm(reveal, other, { reads: 1 });
    await read(reveal);
    const { data } = await world.ask(`{ events(object: "reveal/${reveal}") { nodes { type actor { memberId } } } }`, { token: organisation.adminToken });
    expect((data?.['events'] as { nodes: unknown[] }).nodes).toEqual([
      { type: 'reveal.requested', actor: { memberId: asker.id } },
      { type: 'reveal.confirmed', actor: { memberId: other.id } },
      { type: 'reveal.read', actor: { memberId: asker.id } },
    ]);
    await world.plane.auditTold();
    const told = await world.ask('{ auditEvents(first: 100, filter: { type: "admin" }) { nodes { type line } } }', { token: organisation.adminToken });
    const types = (told.data?.['auditEvents'] as { nodes: { type: string; line: string }[] }).nodes.filter(({ type, line }) => type.startsWith('admin.reveal.') && line.includes(reveal)).map(({ type }) => type);
    expect(types.sort()).toEqual(['admin.reveal.confirmed', 'admin.reveal.read', 'admin.reveal.requested']);
  });

  it('are confirmed by no token of who asked: not the same, not a second one, not one made for another member since', async () => {
    const reveal = await asked();
    expect(await confirm(reveal, asker)).toMatchObject({ code: 'reveal.own_request' });
    expect(await confirm(reveal, { id: asker.id, token: await tokenFor(organisation.adminToken, asker.id) })).toMatchObject({ code: 'reveal.own_request' });
    const admin = await member(organisation.adminToken);
    const ofAdmin = idOf(await request(await aDecision(), admin));
    const made = { id: other.id, token: await tokenFor(admin.token, other.id) };
    expect(await confirm(ofAdmin, made)).toMatchObject({ code: 'reveal.token_of_asker' });
    expect((await confirm(ofAdmin, other))['reveal']).toMatchObject({ status: 'confirmed', confirmedBy: other.id });
    expect(await read(reveal)).toMatchObject({ code: 'reveal.not_confirmed' });
  });

  it('show nothing to who confirmed, and nothing to anybody else', async () => {
    const reveal = await asked();
    await confirm(reveal);
    expect(await read(reveal, other)).toMatchObject({ code: 'reveal.not_yours' });
    expect(await read(reveal, await member(organisation.adminToken))).toMatchObject({ code: 'reveal.not_yours' });
    expect(await read(reveal, { id: asker.id, token: await tokenFor(organisation.adminToken, asker.id) })).toMatchObject({ level: 'full' });
  });

  it('show nothing after their time, whether or not the expiry is recorded', async () => {
    const [late, open] = [await asked(), await asked()];
    await confirm(open);
    world.clock.advance(15 * 60_000 - 1);
    expect(await read(open)).toMatchObject({ level: 'full' });
    world.clock.advance(1);
    expect(await read(open)).toMatchObject({ code: 'reveal.expired' });
    world.clock.advance(24 * 3_600_000 - 15 * 60_000);
    expect(await confirm(late)).toMatchObject({ code: 'reveal.expired' });
    const { data } = await world.ask('query ($id: ID!) { reveal(id: $id) { status } }', { token: asker.token, variables: { id: late } });
    expect(data?.['reveal']).toEqual({ status: 'expired' });
  });

  it('have their expiry recorded, once', async () => {
    const [waiting, used] = [await asked(), await asked()];
    await confirm(used, other, { reads: 1 });
    await read(used);
    world.clock.advance(24 * 3_600_000);
    for (let sweep = 0; sweep < 2; sweep += 1) {
      scheduler.advance(SWEEP_INTERVAL_MS);
      await expect.poll(() => scheduler.delaysMs).toContain(SWEEP_INTERVAL_MS);
    }
    const typesOf = async (reveal: string) => {
      const { data } = await world.ask(`{ events(object: "reveal/${reveal}") { nodes { type } } }`, { token: organisation.adminToken });
      return (data?.['events'] as { nodes: { type: string }[] }).nodes.map(({ type }) => type);
    };
    await expect.poll(() => typesOf(waiting)).toEqual(['reveal.requested', 'reveal.expired']);
    expect(await typesOf(used)).toEqual(['reveal.requested', 'reveal.confirmed', 'reveal.read']);
  });

  it('are read as often as confirmed for, each reading on record', async () => {
    const decision = await aDecision();
    const reveal = await asked(decision);
    await confirm(reveal, other, { reads: 2 });
    for (const readings of [1, 2]) expect(await read(reveal)).toMatchObject({ reveal: { readings } });
    expect(await read(reveal)).toMatchObject({ code: 'reveal.used_up' });
    expect(await revealed(decision)).toHaveLength(2);
  });

  it('show nothing once somebody said no, and say who', async () => {
    const [refused, back] = [await asked(), await asked()];
    expect((await refuseIt(refused))['reveal']).toMatchObject({ status: 'refused' });
    expect(await confirm(refused)).toMatchObject({ code: 'reveal.refused' });
    await confirm(back);
    await refuseIt(back);
    expect(await read(back)).toMatchObject({ code: 'reveal.refused' });
  });

  it('give no value where its reading cannot be put on record, and count no reading', async () => {
    const decision = await aDecision();
    const reveal = await asked(decision);
    await confirm(reveal);
    const table = async (sql: string) => withDatabase(world.database.url, (client) => client.query(sql));
    await table(`ALTER TABLE audit_heads ADD CONSTRAINT full_up CHECK (size < 0) NOT VALID`);
    const query = 'mutation ($input: ReadRevealInput!) { readReveal(input: $input) { ... on ReadRevealPayload { arguments } } }';
    const failed = await world.ask(query, { token: asker.token, variables: { input: { reveal } } });
    await table('ALTER TABLE audit_heads DROP CONSTRAINT full_up');
    expect(failed.errors).toHaveLength(1);
    expect(JSON.stringify(failed)).not.toContain(CANARY);
    expect(await revealed(decision)).toEqual([]);
    expect(await read(reveal)).toMatchObject({ level: 'full', reveal: { readings: 1 } });
  });

  it('are asked for decisions of which something was kept, and say how much that is', async () => {
    expect(await request(await aDecision(null))).toMatchObject({ code: 'reveal.nothing_kept', pointer: '/decision' });
    expect(await request(testId(777_777))).toMatchObject({ code: 'decision.unknown', pointer: '/decision' });
    const reveal = await asked(await aDecision('excerpt'));
    await confirm(reveal);
    expect(await read(reveal)).toMatchObject({ level: 'excerpt', arguments: canonicalJson(ARGS) });
  });

  it('are nothing to viewers and policy managers', async () => {
    for (const role of ['viewer', 'policy_manager'] as const) {
      const { status } = await world.ask('{ reveals { nodes { id } } }', { token: await organisation.tokenOf(role) });
      expect(status).toBe(403);
    }
  });

  it('are nothing to another organisation, nor to an operator who is no member', async () => {
    const reveal = await asked();
    const stranger = await anOrganisation(world, 'Strangers');
    const theirs = { id: '', token: await stranger.tokenOf('auditor') };
    expect(await confirm(reveal, theirs)).toMatchObject({ code: 'reveal.unknown' });
    expect(await read(reveal, theirs)).toMatchObject({ code: 'reveal.unknown' });
    expect(await request(testId(1), theirs)).toMatchObject({ code: 'decision.unknown' });
    const { data } = await world.ask(`{ reveal(id: "${reveal}") { id } reveals { nodes { id } } }`, { token: theirs.token });
    expect(data).toEqual({ reveal: null, reveals: { nodes: [] } });
    const asOperator = { organisation: organisation.id };
    expect(await mutate(world, 'confirmReveal', FIELDS, { reveal }, asOperator)).toMatchObject({ code: 'reveal.members_only' });
    await confirm(reveal);
    expect(await mutate(world, 'readReveal', 'arguments', { reveal }, asOperator)).toMatchObject({ code: 'reveal.members_only' });
  });

  it('are listed newest first, page by page, of one decision or under way', async () => {
    const decision = await aDecision();
    const made: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      world.clock.advance(1);
      made.unshift(await asked(decision));
    }
    await refuseIt(String(made[1]));
    const list = async (args: string) => {
      const { data } = await world.ask(`{ reveals(decision: "${decision}", ${args}) { nodes { id } pageInfo { endCursor hasNextPage } } }`, { token: other.token });
      return data?.['reveals'] as { nodes: { id: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
    };
    const first = await list('first: 2');
    const second = await list(`first: 2, after: "${first.pageInfo.endCursor}"`);
    expect([...first.nodes, ...second.nodes].map(({ id }) => id)).toEqual(made);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
    expect((await list('open: true')).nodes.map(({ id }) => id)).toEqual([made[0], made[2]]);
  });

  it('are answered again for a repeated request, but not their values', async () => {
    const input = { decision: await aDecision(), reason: 'case 18', idempotencyKey: 'once' };
    const ask = () => mutate(world, 'requestReveal', FIELDS, input, { token: asker.token });
    expect(await ask()).toEqual(await ask());
  });

  it('leave the values in one answer each, and in no log, row or event', async () => {
    await world.plane.auditTold();
    const rows = await withDatabase(world.database.url, async (client) => JSON.stringify(await dumpOf(client, await tablesOf(client))));
    expect(rows).toContain('reveal.read');
    expect(rows).not.toContain(CANARY);
    expect(world.logLines.join('\n')).not.toContain(CANARY);
  });
});
