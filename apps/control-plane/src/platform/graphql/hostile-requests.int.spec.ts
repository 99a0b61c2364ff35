import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';

describe('hostile GraphQL requests', () => {
  let world: TestControlPlane;
  beforeAll(async () => {
    world = await aControlPlane();
  });
  afterAll(() => world.close());

  const codes = async (query: string) => (await world.ask(query)).errors.map((error) => error.extensions['code']);
  const post = (body: string, headers: Readonly<Record<string, string>>, path = '/graphql') =>
    fetch(`${world.url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${world.operatorToken}`, ...headers }, body });
  const answersStill = async () => expect((await world.ask('{ whoami { role } }')).data).toEqual({ whoami: { role: 'admin' } });

  it('of depth 50 are refused', async () => {
    const query = `{ ${'whoami { organisation { '.repeat(25)} id ${' } }'.repeat(25)} }`;
    expect(await codes(query)).toContain('graphql_validation_failed');
    await answersStill();
  });

  it('deeper than 8 are refused for their depth alone, through fragments too', async () => {
    const deep = 'fragment f on Whoami { organisation { ...g } } fragment g on Organisation { id }';
    expect(await codes(`${deep} { whoami { ...f } }`)).toEqual([]);
    const recursive = 'fragment f on Whoami { member { name } ...f } { whoami { ...f } }';
    expect(await codes(recursive)).toContain('graphql_validation_failed');
  });

  it('are told what is wrong with them, and leave no error in the log', async () => {
    const before = world.logLines.length;
    expect(await codes('{ events(asOf: "99999") { nodes { id } } }')).toEqual(['bad_input']);
    expect(await codes('{ events(object: "nothing") { nodes { id } } }')).toEqual(['bad_input']);
    expect((await world.ask('{ revision }', { token: 'sp_usr_nobody' })).errors.map((error) => error.extensions['code'])).toEqual(['unauthenticated']);
    expect(world.logLines.slice(before).filter((line) => (JSON.parse(line) as { level: number }).level >= 40)).toEqual([]);
  });

  it('with 5,000 aliases are refused, and so are 16', async () => {
    const aliases = (count: number) => `{ ${Array.from({ length: count }, (_, index) => `a${index}: revision`).join(' ')} }`;
    expect(await codes(aliases(5_000))).toEqual(['graphql_parse_failed']);
    expect(await codes(aliases(16))).toEqual(['graphql_validation_failed']);
    expect(await codes(aliases(15))).toEqual([]);
  });

  it('of more than 1,000 words are refused', async () => {
    expect(await codes(`{ whoami { ${'role '.repeat(1_000)} } }`)).toEqual(['graphql_parse_failed']);
  });

  it('with more than 20 directives are refused', async () => {
    expect(await codes(`{ whoami { role ${'@include(if: true) '.repeat(21)} } }`)).toContain('graphql_validation_failed');
  });

  it('that cost too much are refused', async () => {
    const all = `organisation { id slug name auditDurability freshnessMode failStaticMaxAge createdAt revision } member { id name role addedAt removedAt revision }
      token { id publicId memberId role operator label status createdAt expiresAt revokedAt lastUsedAt } role operator`;
    expect(await codes(`{ ${Array.from({ length: 15 }, (_, index) => `a${index}: whoami { ${all} }`).join(' ')} }`)).toEqual(['graphql_validation_failed']);
    expect(await codes(`{ a: whoami { ${all} } b: whoami { ${all} } events(first: 100) { nodes { id revision object data } } }`)).toEqual([]);
  });

  it('whose fragments double are refused at once', async () => {
    const twice = (n: number) => `fragment f${n} on Whoami { a${n}: member { id } ...f${n + 1} ...f${n + 1} }`;
    const query = `{ whoami { ...f0 } } ${Array.from({ length: 40 }, (_, n) => twice(n)).join(' ')} fragment f40 on Whoami { role }`;
    expect(new Set(await codes(query))).toEqual(new Set(['graphql_validation_failed']));
    await answersStill();
  });

  it('in a batch of 100 are refused', async () => {
    const answer = await post(JSON.stringify(Array(100).fill({ query: '{ revision }' })), { 'content-type': 'application/json' });
    expect(answer.status).toBe(400);
  });

  it('for the schema are refused without an explorer', async () => {
    for (const query of ['{ __schema { types { name } } }', '{ __type(name: "Query") { name } }']) {
      expect(await world.ask(query)).toMatchObject({ status: 400, data: null });
      expect(new Set(await codes(query))).toEqual(new Set(['graphql_validation_failed']));
    }
  });

  it('with a mistyped field learn no other names', async () => {
    const { errors } = await world.ask('{ whoam { role } }');
    expect(errors.map((error) => error.message).join()).not.toMatch(/whoami|Did you mean/);
  });

  it('by GET are refused, queries and mutations', async () => {
    for (const query of ['{revision}', 'mutation{rebuildProjections{events}}']) {
      const answer = await fetch(`${world.url}/graphql?query=${encodeURIComponent(query)}`, {
        headers: { authorization: `Bearer ${world.operatorToken}`, 'apollo-require-preflight': 'yes' },
      });
      expect(answer.status).toBe(405);
    }
  });

  it('from a form of another site are refused, whatever the form calls its contents', async () => {
    const body = JSON.stringify({ query: 'mutation { rebuildProjections { events } }' });
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', 'text/plain;application/json', '']) {
      const answer = await post(body, { 'content-type': type });
      expect([400, 415], type).toContain(answer.status);
      expect(await answer.text()).not.toContain('"events"');
    }
  });

  it('over 1 MiB are refused', async () => {
    const answer = await post(JSON.stringify({ query: '{ revision }', variables: { x: 'x'.repeat(1_048_576) } }), { 'content-type': 'application/json' });
    expect(answer.status).toBe(413);
  });

  it('with keys that reach prototypes are refused before anything looks at them', async () => {
    for (const variables of ['{"__proto__":{"admin":true}}', '{"a":{"constructor":{"prototype":{"admin":true}}}}']) {
      const answer = await post(`{"query":"{ revision }","variables":${variables}}`, { 'content-type': 'application/json' });
      expect(answer.status).toBe(400);
    }
    expect(Reflect.get({}, 'admin')).toBeUndefined();
  });

  it('that are no JSON or no GraphQL are refused', async () => {
    for (const body of ['', '{', '[]', 'null', '{"query":1}', '{"query":"{"}', '{"query":"{ revision }","variables":3}']) {
      const answer = await post(body, { 'content-type': 'application/json' });
      expect(answer.status, body).toBe(400);
    }
    await answersStill();
  });

  it('that break something inside learn a reference and nothing else', async () => {
    await world.database.drop();
    const { errors } = await world.ask('{ whoami { role } }');
    expect(errors).toHaveLength(1);
    const [{ message, extensions } = { message: '', extensions: {} }] = errors;
    expect(['internal', 'unavailable']).toContain(extensions['code']);
    expect(message).not.toMatch(/typeorm|postgres|connection|pool|driver/i);
    expect(world.logLines.join('\n')).toContain(String(extensions['reference']));
    expect(world.logLines.join('\n')).not.toContain(world.operatorToken);
  });
});
