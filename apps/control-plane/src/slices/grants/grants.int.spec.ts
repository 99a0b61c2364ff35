import { ManualScheduler } from '@sallyport/kernel/testing';
import { parseToken } from '@sallyport/tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { mutate } from '../../testing/mutate.js';
import { dumpOf, tablesOf, withDatabase } from '../../testing/tables-of.js';
import { ToolShelf } from '../../testing/tool-shelf.js';
import { SWEEP_INTERVAL_MS } from '../../platform/commands/expiry-sweep.js';

const GRANT = 'grantId grant { id identity { name kind } server { slug } policy { name } labels { key value } status url issuedAt expiresAt revokedAt revocationReason revision tokens { publicId validUntil current } }';
const DAY_MS = 86_400_000;

describe('grants', () => {
  const scheduler = new ManualScheduler();
  const secrets: string[] = [];
  /** In the order they were issued. */
  const issued: string[] = [];
  let world: TestControlPlane;
  beforeAll(async () => {
    const shelf = new ToolShelf();
    world = await aControlPlane({ inspect: shelf.inspect, scheduler });
    for (const slug of ['timers', 'notes']) {
      shelf.put(`https://${slug}.example.com/mcp`, 'stop');
      await mutate(world, 'registerServer', '', { slug, url: `https://${slug}.example.com/mcp` });
    }
    for (const kind of ['agent', 'human', 'service']) await mutate(world, 'createIdentity', '', { name: kind, kind });
    for (const name of ['open', 'shut']) await mutate(world, 'publishPolicy', '', { name, document: { version: '1', default: name === 'open' ? 'allow' : 'deny' } });
  });
  afterAll(() => world.close());

  const asked = (more: object = {}) => ({ identity: 'agent', server: 'timers', policy: 'open', ...more });
  const issue = async (more: object = {}) => {
    const answer = (await mutate(world, 'issueGrant', `token url enforcement { reached outstanding } ${GRANT}`, asked(more))) as Awaited<ReturnType<typeof mutate>> & { grantId: string; token: string };
    if (typeof answer.token === 'string') {
      secrets.push(answer.token);
      issued.push(answer.grantId);
    }
    return answer;
  };
  const rotate = async (input: object) => {
    const answer = await mutate(world, 'rotateGrantToken', `token url previousValidUntil ${GRANT}`, { ...input });
    if (typeof answer['token'] === 'string') secrets.push(answer['token']);
    return answer;
  };
  const revoke = (input: object) => mutate(world, 'revokeGrant', GRANT, { ...input });
  const read = async (query: string, variables: Readonly<Record<string, unknown>> = {}) => {
    const { data, errors } = await world.ask(query, { variables });
    expect(errors).toEqual([]);
    return data;
  };

  it('are issued with a token, shown once, and an address [grant/token-once]', async () => {
    const answer = await issue({ labels: [{ key: 'env', value: 'prod' }] });
    expect(answer).toMatchObject({
      __typename: 'IssueGrantPayload', url: 'http://127.0.0.1:7400/mcp/timers',
      grant: {
        id: answer.grantId, identity: { name: 'agent' }, server: { slug: 'timers' }, policy: { name: 'open' }, labels: [{ key: 'env', value: 'prod' }], status: 'active',
        issuedAt: '2026-11-21T09:00:00.000Z', expiresAt: '2027-02-19T09:00:00.000Z', revokedAt: null, revocationReason: null,
        tokens: [{ publicId: parseToken(answer.token)?.publicId, validUntil: '2027-02-19T09:00:00.000Z', current: true }],
      },
    });
  });

  it.each([['agent', 'agt'], ['human', 'usr'], ['service', 'svc']])('of a %s have a token that begins with sp_%s_', async (identity, prefix) => {
    expect(parseToken((await issue({ identity })).token)?.kind).toBe(prefix);
  });

  it('do not sign anybody in to the control plane', async () => {
    const { token } = await issue({ identity: 'human' });
    expect(await world.ask('{ revision }', { token })).toMatchObject({ status: 401 });
  });

  it('end when asked', async () => {
    expect(await issue({ expiresIn: 'PT1H' })).toMatchObject({ grant: { expiresAt: '2026-11-21T10:00:00.000Z' } });
    expect(await issue({ expiresAt: '2026-11-22T00:00:00+01:00' })).toMatchObject({ grant: { expiresAt: '2026-11-21T23:00:00.000Z' } });
  });

  it.each([
    ['an unknown identity', { identity: 'nobody' }, 'identity.unknown', '/identity'],
    ['an unknown server', { server: 'nobody' }, 'server.unknown', '/server'],
    ['an unknown policy', { policy: 'nobody' }, 'policy.unknown', '/policy'],
    ['a policy’s version', { policy: 'open@1' }, 'policy.unknown', '/policy'],
    ['a label twice', { labels: [{ key: 'a', value: '1' }, { key: 'a', value: '2' }] }, 'grant.label_invalid', '/labels/1'],
    ['an end in the past', { expiresAt: '2026-11-21T08:59:59Z' }, 'grant.expiry_invalid', '/expiresAt'],
    ['no length', { expiresIn: 'PT0S' }, 'grant.expiry_invalid', '/expiresIn'],
    ['more than a year', { expiresIn: 'P366D' }, 'grant.expiry_invalid', '/expiresIn'],
    ['two ends', { expiresIn: 'P1D', expiresAt: '2026-11-22T09:00:00Z' }, 'grant.expiry_invalid', '/expiresIn'],
  ])('are refused with %s', async (_, more, code, pointer) => {
    expect(await issue(more)).toEqual({ __typename: 'Refusal', code, message: expect.any(String), pointer });
  });

  it('are issued once for an idempotency key, the token shown the first time only', async () => {
    const first = await issue({ idempotencyKey: 'once' });
    expect(await issue({ idempotencyKey: 'once' })).toEqual({ ...first, token: null });
    expect(await issue({ idempotencyKey: 'once', server: 'notes' })).toMatchObject({ code: 'idempotency_conflict', pointer: '/idempotencyKey' });
    expect(await issue()).not.toMatchObject({ grantId: first.grantId });
  });

  it('get a new token, the old one honoured for the overlap', async () => {
    const { grantId, token } = await issue();
    const answer = await rotate({ grant: grantId, overlap: 'PT1H', idempotencyKey: 'rotation' });
    expect(answer).toMatchObject({
      __typename: 'RotateGrantTokenPayload', grantId, url: 'http://127.0.0.1:7400/mcp/timers', previousValidUntil: '2026-11-21T10:00:00.000Z',
      grant: { tokens: [{ current: true, validUntil: '2027-02-19T09:00:00.000Z' }, { publicId: parseToken(token)?.publicId, current: false, validUntil: '2026-11-21T10:00:00.000Z' }] },
    });
    expect(answer['token']).not.toBe(token);
    expect(await rotate({ grant: grantId, overlap: 'PT1H', idempotencyKey: 'rotation' })).toEqual({ ...answer, token: null });
    expect(await rotate({ grant: grantId })).toMatchObject({ previousValidUntil: '2026-11-21T09:00:00.000Z', grant: { tokens: [{ current: true }] } });
    expect(await rotate({ grant: grantId, overlap: 'PT24H0.001S' })).toMatchObject({ code: 'grant.overlap_invalid', pointer: '/overlap' });
    expect(await rotate({ grant: 'nobody' })).toMatchObject({ code: 'grant.unknown', pointer: '/grant' });
  });

  it('are revoked for good, with the reason', async () => {
    const { grantId } = await issue();
    expect(await revoke({ grant: grantId, reason: 'left the team' })).toMatchObject({ grant: { status: 'revoked', revokedAt: '2026-11-21T09:00:00.000Z', revocationReason: 'left the team' } });
    expect(await revoke({ grant: grantId })).toMatchObject({ code: 'grant.already_revoked', pointer: '/grant' });
    expect(await rotate({ grant: grantId })).toMatchObject({ code: 'grant.already_revoked' });
    expect(await revoke({ grant: '0198c0de-0000-7000-8000-000000000000' })).toMatchObject({ code: 'grant.unknown', pointer: '/grant' });
    const other = await issue();
    expect(await revoke({ grant: other.grantId, reason: 'a\0b' })).toMatchObject({ code: 'grant.reason_invalid', pointer: '/reason' });
  });

  it('follow another policy when it is attached', async () => {
    const { grantId } = await issue();
    const attach = (policy: string) => mutate(world, 'attachPolicy', GRANT, { grant: grantId, policy });
    expect(await attach('shut')).toMatchObject({ grant: { policy: { name: 'shut' } } });
    const before = await read('{ revision }');
    expect(await attach('shut')).toMatchObject({ grant: { policy: { name: 'shut' } } });
    expect(await read('{ revision }')).toEqual(before);
    expect(await attach('nobody')).toMatchObject({ code: 'policy.unknown', pointer: '/policy' });
  });

  it('say how far a change came when it is waited for', async () => {
    expect(await issue()).toMatchObject({ enforcement: null });
    expect(await issue({ waitFor: 'ENFORCED' })).toMatchObject({ enforcement: { reached: true, outstanding: [] } });
  });

  it('are read as they were at a revision and at a time, with what they connect', async () => {
    world.clock.advance(DAY_MS);
    const { grantId, revision } = await issue({ identity: 'service', server: 'notes' });
    world.clock.advance(60_000);
    await mutate(world, 'relabelIdentity', '', { identity: 'service', labels: [{ key: 'team', value: 'late' }] });
    await mutate(world, 'attachPolicy', GRANT, { grant: grantId, policy: 'shut' });
    await revoke({ grant: grantId, reason: 'done' });
    const query = 'query ($id: ID!, $asOf: AsOf) { grant(id: $id, asOf: $asOf) { status policy { name } identity { labels { value } } history { nodes { type } } } grants(asOf: $asOf, server: "notes") { nodes { id status } } }';
    const then = {
      grant: { status: 'active', policy: { name: 'open' }, identity: { labels: [] }, history: { nodes: [{ type: 'grant.issued' }] } },
      grants: { nodes: [{ id: grantId, status: 'active' }] },
    };
    expect(await read(query, { id: grantId, asOf: revision })).toEqual(then);
    expect(await read(query, { id: grantId, asOf: '2026-11-22T09:00:59.999Z' })).toEqual(then);
    expect(await read(query, { id: grantId, asOf: revision - 1 })).toEqual({ grant: null, grants: { nodes: [] } });
    for (const asked of ['query ($id: ID!, $asOf: AsOf) { grant(id: $id, asOf: $asOf) { id } }', 'query ($asOf: AsOf) { grants(asOf: $asOf) { nodes { id } } }']) {
      const { errors } = await world.ask(asked, { variables: { id: grantId, asOf: revision + 1_000 } });
      expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['bad_input']);
    }
    expect(await read(query, { id: grantId })).toMatchObject({
      grant: { status: 'revoked', policy: { name: 'shut' }, identity: { labels: [{ value: 'late' }] }, history: { nodes: [{}, { type: 'grant.policy_attached' }, { type: 'grant.revoked' }] } },
    });
  });

  it('are listed newest first, by identity, server and status, now and in the past alike', async () => {
    const query = 'query ($identity: ID, $server: ID, $status: GrantStatus, $after: String, $asOf: AsOf, $first: Int) { grants(identity: $identity, server: $server, status: $status, after: $after, asOf: $asOf, first: $first) { nodes { id } pageInfo { endCursor hasNextPage } } }';
    const list = async (variables: object) => (await read(query, { ...variables }))?.['grants'] as { nodes: { id: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
    const { revision } = (await read('{ revision }')) as { revision: number };
    for (const filter of [{}, { identity: 'human' }, { server: 'notes' }, { status: 'revoked' }, { status: 'active' }, { status: 'expired' }, { identity: 'nobody' }]) {
      const now = await list({ ...filter, first: 100 });
      expect(await list({ ...filter, first: 100, asOf: revision })).toEqual(now);
      const ids = now.nodes.map((node) => node.id);
      expect(ids).toEqual(issued.filter((id) => ids.includes(id)).reverse());
      const pages = [];
      for (let page = await list({ ...filter, first: 2 }); ; page = await list({ ...filter, first: 2, after: page.pageInfo.endCursor })) {
        pages.push(...page.nodes);
        if (!page.pageInfo.hasNextPage) break;
      }
      expect(pages).toEqual(now.nodes);
    }
    expect((await list({ identity: 'human' })).nodes).toHaveLength(2);
    expect((await list({ status: 'expired' })).nodes).toHaveLength(2);
    expect((await list({ identity: 'nobody' })).nodes).toEqual([]);
  });

  it('have their expiry recorded by a sweep, and read as expired before it', async () => {
    const { grantId } = await issue({ expiresIn: 'PT1H' });
    const query = 'query ($id: ID!) { grant(id: $id) { status history { nodes { type actor { kind name } } } } }';
    world.clock.advance(3_600_000);
    expect(await read(query, { id: grantId })).toMatchObject({ grant: { status: 'expired', history: { nodes: [{ type: 'grant.issued' }] } } });
    expect(await rotate({ grant: grantId })).toMatchObject({ code: 'grant.expired', pointer: '/grant' });
    expect(await mutate(world, 'attachPolicy', '', { grant: grantId, policy: 'shut' })).toMatchObject({ code: 'grant.expired', pointer: '/grant' });
    scheduler.advance(SWEEP_INTERVAL_MS);
    await expect.poll(() => read(query, { id: grantId })).toMatchObject({
      grant: { status: 'expired', history: { nodes: [{}, { type: 'grant.expired', actor: { kind: 'system', name: 'expiry' } }] } },
    });
    await expect.poll(() => scheduler.delaysMs).toContain(SWEEP_INTERVAL_MS);
    const before = await read('{ revision }');
    scheduler.advance(SWEEP_INTERVAL_MS);
    await expect.poll(() => scheduler.delaysMs).toContain(SWEEP_INTERVAL_MS);
    expect(await read('{ revision }')).toEqual(before);
  });

  it('keep their tokens out of every answer but the first, of the database and of the log [grant/token-once]', async () => {
    expect(secrets.length).toBeGreaterThan(10);
    const tables = await withDatabase(world.database.url, async (client) => JSON.stringify(await dumpOf(client, await tablesOf(client))));
    const shown = JSON.stringify(await read('{ events(first: 100) { nodes { type data } } grants(first: 100) { nodes { id tokens { id publicId } } } }'));
    const log = world.logLines.join('\n');
    for (const secret of secrets) {
      expect([tables.includes(secret), shown.includes(secret), log.includes(secret)]).toEqual([false, false, false]);
      expect(tables).toContain(parseToken(secret)?.publicId);
    }
    expect(shown).not.toContain('secretHash');
  });
});
