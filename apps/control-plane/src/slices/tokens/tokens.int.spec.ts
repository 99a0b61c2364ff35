import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { anOrganisation, type TestOrganisation } from '../../testing/an-organisation.js';

interface Made {
  readonly token: string;
  readonly adminToken: { readonly id: string; readonly publicId: string; readonly expiresAt: string };
  readonly code?: string;
}

describe('admin tokens', () => {
  let world: TestControlPlane;
  let organisation: TestOrganisation;
  beforeAll(async () => {
    world = await aControlPlane();
    organisation = await anOrganisation(world, 'Tokens');
  });
  afterAll(() => world.close());
  const ask = async (query: string, token = organisation.adminToken) => (await world.ask(query, { token })).data;
  const create = async (input: string): Promise<Made> =>
    (await ask(`mutation { createToken(input: { ${input} }) { ... on CreateTokenPayload { token adminToken { id publicId expiresAt } } ... on Refusal { code } } }`))?.['createToken'] as Made;
  const works = async (token: string) => (await world.ask('{ revision }', { token })).status === 200;

  it('live 90 days unless told, and a year at most', async () => {
    expect((await create('role: viewer')).adminToken.expiresAt).toBe('2027-02-19T09:00:00.000Z');
    expect((await create('role: viewer, expiresAt: "2027-11-21T10:00:00+01:00"')).adminToken.expiresAt).toBe('2027-11-21T09:00:00.000Z');
    expect(await create('role: viewer, expiresAt: "2027-11-21T09:00:00.001Z"')).toEqual({ code: 'token.expiry_invalid' });
  });

  it('never exceed their member', async () => {
    await ask('mutation { addMember(input: { name: "Vi", role: viewer }) { __typename } }');
    expect(await create('role: admin, member: "Vi"')).toEqual({ code: 'token.role_too_high' });
    expect(await create('role: viewer, member: "nobody"')).toEqual({ code: 'member.unknown' });
  });

  it('never make an operator', async () => {
    const { token } = await create('role: admin');
    expect(await ask('{ whoami { operator } }', token)).toEqual({ whoami: { operator: false } });
  });

  it('end when they are revoked, by id or by public id', async () => {
    for (const by of ['id', 'publicId'] as const) {
      const { token, adminToken } = await create('role: viewer');
      expect(await works(token)).toBe(true);
      const revoke = `mutation { revokeToken(input: { id: "${adminToken[by]}", reason: "lost" }) { ... on RevokeTokenPayload { adminToken { status } } ... on Refusal { code } } }`;
      expect(await ask(revoke)).toEqual({ revokeToken: { adminToken: { status: 'revoked' } } });
      expect(await works(token)).toBe(false);
      expect(await ask(revoke)).toEqual({ revokeToken: { code: 'token.already_revoked' } });
    }
    expect(await ask('mutation { revokeToken(input: { id: "none" }) { ... on Refusal { code } } }')).toEqual({ revokeToken: { code: 'token.unknown' } });
  });

  it('that are found can be handed in by anyone who holds the whole of them', async () => {
    const { token, adminToken } = await create('role: viewer');
    const handIn = async (found: string) =>
      (await world.ask('mutation ($token: String!) { revokeFoundToken(input: { token: $token }) { wellFormed } }', { variables: { token: found }, token: null })).data;
    const forged = `${token.slice(0, 15)}${'0'.repeat(32)}`;
    expect(await handIn('nonsense')).toEqual({ revokeFoundToken: { wellFormed: false } });
    expect(await handIn(`${forged}_000000`)).toEqual({ revokeFoundToken: { wellFormed: false } });
    expect(await works(token)).toBe(true);
    expect(await handIn(token)).toEqual({ revokeFoundToken: { wellFormed: true } });
    expect(await works(token)).toBe(false);
    expect(await handIn(token)).toEqual({ revokeFoundToken: { wellFormed: true } });
    const { events } = (await ask(`{ events(object: "token/${adminToken.id}") { nodes { type actor { kind name } } } }`)) as { events: { nodes: unknown[] } };
    expect(events.nodes.at(-1)).toEqual({ type: 'token.revoked', actor: { kind: 'system', name: 'found-token' } });
  });

  it('are listed newest first, of one member or of all, without secrets', async () => {
    const { adminToken } = await create('role: viewer, label: "newest", member: "Vi"');
    const listed = await ask('{ all: tokens(first: 1) { nodes { id label status } pageInfo { hasNextPage } } vi: tokens(member: "Vi") { nodes { label } } none: tokens(member: "nobody") { nodes { label } } }');
    expect(listed).toEqual({
      all: { nodes: [{ id: adminToken.id, label: 'newest', status: 'active' }], pageInfo: { hasNextPage: true } },
      vi: { nodes: [{ label: 'newest' }] },
      none: { nodes: [] },
    });
  });

  it('page to the end without a gap or a repetition', async () => {
    const all = (await ask('{ tokens(first: 100) { nodes { id } } }'))?.['tokens'] as { nodes: { id: string }[] };
    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const page = (await ask(`{ tokens(first: 2, after: ${JSON.stringify(after)}) { nodes { id } pageInfo { endCursor hasNextPage } } }`))?.['tokens'] as
        { nodes: { id: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
      seen.push(...page.nodes.map((node) => node.id));
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(seen).toEqual(all.nodes.map((node) => node.id));
  });

  it('remember when they were last used, to the minute', async () => {
    const { token, adminToken } = await create('role: viewer, label: "used"');
    const lastUsed = async () => {
      const { tokens } = (await ask('{ tokens(first: 100) { nodes { id lastUsedAt } } }')) as { tokens: { nodes: { id: string; lastUsedAt: string | null }[] } };
      return tokens.nodes.find((node) => node.id === adminToken.id)?.lastUsedAt;
    };
    expect(await lastUsed()).toBeNull();
    await works(token);
    const first = await lastUsed();
    expect(first).toBe(new Date(world.clock.now()).toISOString());
    world.clock.advance(59_999);
    await works(token);
    expect(await lastUsed()).toBe(first);
    world.clock.advance(1);
    await works(token);
    expect(await lastUsed()).toBe(new Date(world.clock.now()).toISOString());
  });
});
