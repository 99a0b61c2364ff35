import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { anOrganisation, type TestOrganisation } from '../../testing/an-organisation.js';

describe('events', () => {
  let world: TestControlPlane;
  let organisation: TestOrganisation;
  let times: string[];
  const ask = async (query: string) => {
    const { data, errors } = await world.ask(query, { token: organisation.adminToken });
    expect(errors).toEqual([]);
    return data;
  };
  beforeAll(async () => {
    world = await aControlPlane();
    organisation = await anOrganisation(world, 'Events');
    times = [];
    for (const name of ['Ada', 'Bob', 'Cy']) {
      world.clock.advance(60_000);
      times.push(new Date(world.clock.now()).toISOString());
      await ask(`mutation { addMember(input: { name: "${name}", role: viewer }) { __typename } }`);
    }
  });
  afterAll(() => world.close());
  const list = async (args: string) => ((await ask(`{ events${args} { nodes { revision type object objectVersion } pageInfo { endCursor hasNextPage } } }`))?.['events']) as {
    nodes: { revision: number; type: string; object: string; objectVersion: number }[];
    pageInfo: { endCursor: string | null; hasNextPage: boolean };
  };

  it('are listed oldest first and without a gap', async () => {
    const { nodes } = await list('(first: 100)');
    expect(nodes.map((node) => node.revision)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(nodes.slice(0, 4).map((node) => node.type)).toEqual(['organisation.created', 'member.added', 'token.issued', 'member.added']);
    expect(await ask('{ revision }')).toEqual({ revision: 6 });
  });

  it('page', async () => {
    const first = await list('(first: 4)');
    const second = await list(`(first: 4, after: "${first.pageInfo.endCursor}")`);
    expect([...first.nodes, ...second.nodes].map((node) => node.revision)).toEqual([1, 2, 3, 4, 5, 6]);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
    expect((await list(`(after: "${second.pageInfo.endCursor}")`)).nodes).toEqual([]);
  });

  it('are of one object where one is named', async () => {
    const { nodes } = await list(`(object: "member/${organisation.memberId}")`);
    expect(nodes).toEqual([{ revision: 2, type: 'member.added', object: `member/${organisation.memberId}`, objectVersion: 1 }]);
    expect((await list('(object: "grant/nobody")')).nodes).toEqual([]);
  });

  it('are of one object by its name where it has one, in its own organisation', async () => {
    const [named, other] = [await anOrganisation(world, 'Named'), await anOrganisation(world, 'Elsewhere')];
    for (const change of ['addMember(input: { name: "Ada", role: viewer })', 'createIdentity(input: { name: "ci-runner", kind: agent })', 'publishPolicy(input: { name: "refunds", document: "{\\"version\\":\\"1\\",\\"default\\":\\"deny\\"}" })']) {
      expect((await world.ask(`mutation { ${change} { __typename } }`, { token: named.adminToken })).errors).toEqual([]);
    }
    const typesOf = async (object: string, token = named.adminToken): Promise<readonly string[]> => {
      const { data } = await world.ask('query ($object: String) { events(object: $object) { nodes { type } } }', { token, variables: { object } });
      return (data?.['events'] as { nodes: { type: string }[] }).nodes.map(({ type }) => type);
    };
    expect(await Promise.all(['identity/ci-runner', 'policy/refunds', 'member/Ada', 'organisation/named'].map((object) => typesOf(object)))).toEqual([['identity.created'], ['policy.version_published'], ['member.added'], ['organisation.created']]);
    expect(await Promise.all(['identity/refunds', 'policy/ci-runner', 'server/none', 'sink/none', 'token/none'].map((object) => typesOf(object)))).toEqual([[], [], [], [], []]);
    expect([await typesOf('identity/ci-runner', other.adminToken), await typesOf('organisation/named', other.adminToken)]).toEqual([[], []]);
  });

  it('end at a revision or a time', async () => {
    expect((await list('(asOf: 3)')).nodes.map((node) => node.revision)).toEqual([1, 2, 3]);
    expect((await list(`(asOf: "${times[1]}")`)).nodes.map((node) => node.revision)).toEqual([1, 2, 3, 4, 5]);
    expect((await list('(asOf: "2020-01-01T00:00:00Z")')).nodes).toEqual([]);
  });

  it('are refused as of a revision that has not happened yet', async () => {
    const { errors } = await world.ask('{ events(asOf: "7") { nodes { id } } }', { token: organisation.adminToken });
    expect(errors).toMatchObject([{ message: 'Revision 7 has not happened yet: the newest is 6.', extensions: { code: 'bad_input' } }]);
    expect((await list('(asOf: 6)')).nodes).toHaveLength(6);
  });

  it('are refused for an object that is none', async () => {
    for (const object of ['member', 'member/', '/x', 'nothing/x', 'member/a/b']) {
      const { errors } = await world.ask('query ($object: String) { events(object: $object) { nodes { id } } }', { variables: { object } });
      expect(errors[0]?.extensions['code'], object).toBe('bad_input');
    }
  });

  it('say who caused them', async () => {
    const data = await ask('{ events { nodes { actor { kind memberId name } data } } }');
    const { nodes } = data?.['events'] as { nodes: { actor: unknown; data: Record<string, unknown> }[] };
    expect(nodes[3]).toMatchObject({ actor: { kind: 'member', memberId: organisation.memberId }, data: { name: 'Ada', role: 'viewer' } });
    expect(JSON.stringify(nodes)).not.toMatch(/wrappedKey|secretHash/);
  });
});
