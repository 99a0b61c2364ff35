import { branded, type OrganisationId, type Revision } from '@sallyport/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { anOrganisation, type TestOrganisation } from '../../testing/an-organisation.js';
import { dumpOf, tablesOf, withDatabase } from '../../testing/tables-of.js';

const CREATE = `mutation ($input: CreateTokenInput!) { createToken(input: $input) {
  ... on CreateTokenPayload { token adminToken { id label } revision enforcement { reached outstanding } } ... on Refusal { code pointer } } }`;

describe('commands', () => {
  let world: TestControlPlane;
  let organisation: TestOrganisation;
  beforeAll(async () => {
    world = await aControlPlane();
    organisation = await anOrganisation(world, 'Commands');
  });
  beforeEach(() => {
    world.board.current = [];
    world.board.waits.splice(0);
  });
  afterAll(() => world.close());

  const create = async (input: Readonly<Record<string, unknown>>, token = organisation.adminToken) => {
    const { data, errors } = await world.ask(CREATE, { variables: { input: { role: 'viewer', ...input } }, token });
    if (data === null) throw new Error(JSON.stringify(errors));
    return data['createToken'] as { token?: string | null; adminToken?: { id: string }; revision?: number; code?: string; enforcement?: unknown };
  };
  const revision = async () => Number((await world.ask('{ revision }', { token: organisation.adminToken })).data?.['revision']);

  it('return the revision they produced', async () => {
    const before = await revision();
    expect((await create({})).revision).toBe(before + 1);
    expect(await revision()).toBe(before + 1);
  });

  it('repeated under their key answer the same, make nothing, and show no secret', async () => {
    const first = await create({ label: 'ci', idempotencyKey: 'once' });
    expect(first.token).toMatch(/^sp_usr_/);
    const again = await create({ label: 'ci', idempotencyKey: 'once' });
    expect(again).toEqual({ ...first, token: null });
    expect(await revision()).toBe(first.revision);
  });

  it('refuse a key that stood for another input or another mutation', async () => {
    await create({ label: 'a', idempotencyKey: 'taken' });
    expect(await create({ label: 'b', idempotencyKey: 'taken' })).toMatchObject({ code: 'idempotency_conflict', pointer: '/idempotencyKey' });
    const other = await world.ask('mutation { addMember(input: { name: "N", role: viewer, idempotencyKey: "taken" }) { ... on Refusal { code } } }', {
      token: organisation.adminToken,
    });
    expect(other.data).toEqual({ addMember: { code: 'idempotency_conflict' } });
  });

  it('keep the keys of different members apart', async () => {
    const other = await organisation.tokenOf('admin');
    const mine = await create({ label: 'mine', idempotencyKey: 'shared' });
    const theirs = await create({ label: 'theirs', idempotencyKey: 'shared' }, other);
    expect(theirs.adminToken?.id).not.toBe(mine.adminToken?.id);
  });

  it('sent twenty times at once under one key happen once', async () => {
    const before = await revision();
    const answers = await Promise.all(Array.from({ length: 20 }, () => create({ label: 'storm', idempotencyKey: 'storm' })));
    expect(new Set(answers.map((answer) => answer.adminToken?.id)).size).toBe(1);
    expect(answers.filter((answer) => typeof answer.token === 'string')).toHaveLength(1);
    expect(await revision()).toBe(before + 1);
  });

  it('make an organisation once under one key', async () => {
    const ask = () => world.ask('mutation { createOrganisation(input: { name: "Once", idempotencyKey: "org" }) { ... on CreateOrganisationPayload { organisation { id } revision } } }');
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer.data))).size).toBe(1);
    expect(answers[0]?.data).toMatchObject({ createOrganisation: { revision: 2 } });
  });

  it('forget a key after a week', async () => {
    const first = await create({ label: 'old', idempotencyKey: 'weekly' });
    world.clock.advance(7 * 24 * 3_600_000 + 1);
    await create({ label: 'newer', idempotencyKey: 'other' });
    expect((await create({ label: 'old', idempotencyKey: 'weekly' })).adminToken?.id).not.toBe(first.adminToken?.id);
  });

  it('leave nothing behind when they are refused', async () => {
    const before = await revision();
    expect(await create({ label: 'x'.repeat(101), idempotencyKey: 'refused' })).toEqual({ code: 'token.label_invalid', pointer: '/label' });
    expect(await revision()).toBe(before);
    expect((await create({ label: 'fine', idempotencyKey: 'refused' })).revision).toBe(before + 1);
  });

  it('do not wait for workers unless asked', async () => {
    expect((await create({})).enforcement).toBeNull();
    expect(world.board.waits).toEqual([]);
  });

  it('wait for workers at most 15 s and say who is behind; the change stands', async () => {
    const applied = (at: number) => new Map([[branded<OrganisationId>(organisation.id), branded<Revision>(at)]]);
    world.board.current = [
      { workerId: 'w1', state: 'ready', stampAgeMs: 12, applied: applied(1_000) },
      { workerId: 'w2', state: 'ready', stampAgeMs: 12, applied: applied(1) },
    ];
    const answer = await create({ waitFor: 'ENFORCED' });
    expect(answer.enforcement).toEqual({ reached: false, outstanding: ['w2'] });
    expect(world.board.waits).toEqual([15_000]);
    expect(await revision()).toBe(answer.revision);
    const { data } = await world.ask('{ workers { workerId state appliedRevision stampAgeMs } enforcement(revision: 1, waitFor: ENFORCED) { reached } }', {
      token: organisation.adminToken,
    });
    expect(data).toEqual({
      workers: [
        { workerId: 'w1', state: 'ready', appliedRevision: 1_000, stampAgeMs: 12 },
        { workerId: 'w2', state: 'ready', appliedRevision: 1, stampAgeMs: 12 },
      ],
      enforcement: { reached: true },
    });
  });

  it('keep no secret in the database but as a keyed hash', async () => {
    const { token } = await create({ label: 'canary' });
    const dump = await withDatabase(world.database.url, async (client) => JSON.stringify(await dumpOf(client, await tablesOf(client))));
    expect(dump).toContain(String(token).slice(7, 15));
    for (const secret of [String(token), String(token).slice(15, 47), world.operatorToken]) expect(dump).not.toContain(secret);
    expect(world.logLines.join('\n')).not.toContain(String(token).slice(15, 47));
  });
});
