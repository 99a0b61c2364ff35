import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { anOrganisation, type TestOrganisation } from '../../testing/an-organisation.js';

describe('members', () => {
  let world: TestControlPlane;
  let organisation: TestOrganisation;
  beforeAll(async () => {
    world = await aControlPlane();
    organisation = await anOrganisation(world, 'Members');
  });
  afterAll(() => world.close());
  const ask = async (query: string) => (await world.ask(query, { token: organisation.adminToken })).data;
  const add = (name: string, role = 'viewer') =>
    ask(`mutation { addMember(input: { name: "${name}", role: ${role} }) { ... on AddMemberPayload { member { name role removedAt } revision } ... on Refusal { code } } }`);

  it('are added, listed in that order, and found by id', async () => {
    expect(await add('Ada', 'policy_manager')).toMatchObject({ addMember: { member: { name: 'Ada', role: 'policy_manager', removedAt: null } } });
    await add('Bob');
    expect(await ask('{ members { nodes { name role } } }')).toEqual({
      members: { nodes: [{ name: 'admin', role: 'admin' }, { name: 'Ada', role: 'policy_manager' }, { name: 'Bob', role: 'viewer' }] },
    });
    expect(await ask(`{ member(id: "${organisation.memberId}") { name } none: member(id: "x") { name } }`)).toEqual({ member: { name: 'admin' }, none: null });
  });

  it('page', async () => {
    const first = await ask('{ members(first: 2) { nodes { name } pageInfo { endCursor hasNextPage } } }');
    const { nodes, pageInfo } = first?.['members'] as { nodes: unknown[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
    expect([nodes, pageInfo.hasNextPage]).toEqual([[{ name: 'admin' }, { name: 'Ada' }], true]);
    expect(await ask(`{ members(first: 2, after: "${pageInfo.endCursor}") { nodes { name } pageInfo { hasNextPage } } }`)).toEqual({
      members: { nodes: [{ name: 'Bob' }], pageInfo: { hasNextPage: false } },
    });
  });

  it('have names of their own', async () => {
    expect(await add('Ada')).toEqual({ addMember: { code: 'member.name_taken' } });
    const likeAnId = '01990000-0000-7000-8000-000000000001';
    await add(likeAnId);
    expect(await add(likeAnId)).toEqual({ addMember: { code: 'member.name_taken' } });
  });

  it('keep the last admin', async () => {
    const refused = { code: 'member.last_admin' };
    expect(await ask('mutation { removeMember(input: { member: "admin" }) { ... on Refusal { code } } }')).toEqual({ removeMember: refused });
    expect(await ask('mutation { changeMemberRole(input: { member: "admin", role: viewer }) { ... on Refusal { code } } }')).toEqual({ changeMemberRole: refused });
  });

  it('lose their tokens when they go, and leave their name free', async () => {
    const made = await ask('mutation { createToken(input: { member: "Ada", role: viewer }) { ... on CreateTokenPayload { token adminToken { id } } } }');
    const { token, adminToken } = made?.['createToken'] as { token: string; adminToken: { id: string } };
    expect((await world.ask('{ revision }', { token })).status).toBe(200);
    await ask('mutation { removeMember(input: { member: "Ada" }) { __typename } }');
    expect((await world.ask('{ revision }', { token })).status).toBe(401);
    const events = await ask(`{ events(object: "token/${adminToken.id}") { nodes { type data actor { kind } } } }`);
    expect(events).toMatchObject({ events: { nodes: [{ type: 'token.issued' }, { type: 'token.revoked', data: { reason: 'member removed' }, actor: { kind: 'member' } }] } });
    expect(JSON.stringify(events)).not.toMatch(/secretHash/i);
    expect(await add('Ada')).toMatchObject({ addMember: { member: { name: 'Ada' } } });
  });

  it('that nobody heard of are refused', async () => {
    expect(await ask('mutation { removeMember(input: { member: "nobody" }) { ... on Refusal { code pointer } } }')).toEqual({
      removeMember: { code: 'member.unknown', pointer: '/member' },
    });
  });
});
