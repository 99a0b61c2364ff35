import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';

const FIELDS = 'id name kind status labels { key value } groups createdAt revision';
const PAYLOAD = `revision identity { ${FIELDS} } enforcement { reached outstanding }`;
const REFUSAL = '... on Refusal { code message pointer }';

describe('identities', () => {
  let world: TestControlPlane;
  beforeAll(async () => {
    world = await aControlPlane();
  });
  afterAll(() => world.close());

  const change = async (name: string, input: Readonly<Record<string, unknown>>) => {
    const type = name[0]?.toUpperCase() + name.slice(1);
    const query = `mutation($input: ${type}Input!) { answer: ${name}(input: $input) { __typename ... on ${type}Payload { ${PAYLOAD} } ${REFUSAL} } }`;
    const { data, errors } = await world.ask(query, { variables: { input } });
    expect(errors).toEqual([]);
    return data?.['answer'];
  };
  const read = async (query: string, variables: Readonly<Record<string, unknown>> = {}) => (await world.ask(query, { variables })).data;

  it('are created, and found by name and by id', async () => {
    const created = await change('createIdentity', { name: 'ci-bot', kind: 'agent', labels: [{ key: 'team', value: 'billing' }, { key: 'env', value: 'test' }], groups: ['ops', 'finance', 'ops'] });
    expect(created).toMatchObject({
      __typename: 'CreateIdentityPayload',
      identity: { name: 'ci-bot', kind: 'agent', status: 'active', labels: [{ key: 'env', value: 'test' }, { key: 'team', value: 'billing' }], groups: ['finance', 'ops'], createdAt: '2026-11-21T09:00:00.000Z' },
      enforcement: null,
    });
    const byName = await read(`{ identity(identity: "ci-bot") { ${FIELDS} } }`);
    const { id } = byName?.['identity'] as { id: string };
    expect(await read(`query($id: ID!) { identity(identity: $id) { ${FIELDS} } }`, { id })).toEqual(byName);
  });

  it.each([
    ['a name that is taken', { name: 'ci-bot', kind: 'agent' }, 'identity.name_taken', '/name'],
    ['a name with a space', { name: 'ci bot', kind: 'agent' }, 'identity.name_invalid', '/name'],
    ['a name with a NUL', { name: 'ci\0bot', kind: 'agent' }, 'identity.name_invalid', '/name'],
    ['a bad label', { name: 'x', kind: 'agent', labels: [{ key: 'a', value: 'b' }, { key: '', value: 'b' }] }, 'identity.label_invalid', '/labels/1'],
    ['a label twice', { name: 'x', kind: 'agent', labels: [{ key: 'a', value: 'b' }, { key: 'a', value: 'c' }] }, 'identity.label_invalid', '/labels/1'],
    ['a bad group', { name: 'x', kind: 'agent', groups: ['ops', 'on\ncall'] }, 'identity.group_invalid', '/groups/1'],
    ['too many groups', { name: 'x', kind: 'agent', groups: Array.from({ length: 51 }, (_, at) => `g${at}`) }, 'identity.group_invalid', '/groups'],
  ])('are refused with %s', async (_, input, code, pointer) => {
    expect(await change('createIdentity', input)).toEqual({ __typename: 'Refusal', code, message: expect.any(String), pointer });
  });

  it.each(['relabelIdentity', 'regroupIdentity', 'disableIdentity', 'enableIdentity'])('that nobody created are refused by %s', async (name) => {
    const input = { identity: 'nobody', ...(name === 'relabelIdentity' && { labels: [] }), ...(name === 'regroupIdentity' && { groups: [] }) };
    expect(await change(name, input)).toMatchObject({ code: 'identity.unknown', pointer: '/identity' });
  });

  it('change, keep their history, and are read as they were', async () => {
    const made = (await change('createIdentity', { name: 'anna@example.com', kind: 'human' })) as { revision: number };
    world.clock.advance(60_000);
    await change('relabelIdentity', { identity: 'anna@example.com', labels: [{ key: 'team', value: 'ops' }] });
    world.clock.advance(60_000);
    expect(await change('disableIdentity', { identity: 'anna@example.com' })).toMatchObject({ identity: { status: 'disabled' }, revision: made.revision + 2 });

    const asked = `query($asOf: AsOf) { identity(identity: "anna@example.com", asOf: $asOf) { status labels { key value } revision history { nodes { type } } } }`;
    const created = { status: 'active', labels: [], revision: made.revision, history: { nodes: [{ type: 'identity.created' }] } };
    const labels = [{ key: 'team', value: 'ops' }];
    const relabelled = { status: 'active', labels, revision: made.revision + 1, history: { nodes: [{ type: 'identity.created' }, { type: 'identity.relabelled' }] } };
    expect(await read(asked, { asOf: made.revision })).toEqual({ identity: created });
    expect(await read(asked, { asOf: '2026-11-21T09:00:59.999Z' })).toEqual({ identity: created });
    expect(await read(asked, { asOf: '2026-11-21T09:01:00.000Z' })).toEqual({ identity: relabelled });
    expect(await read(asked, { asOf: made.revision - 1 })).toEqual({ identity: null });
    expect(await read(asked)).toMatchObject({ identity: { status: 'disabled', labels, revision: made.revision + 2 } });
  });

  it('come in pages by name, now and in the past alike', async () => {
    await change('createIdentity', { name: 'Zoe', kind: 'human' });
    const asked = 'query($after: String, $asOf: AsOf) { identities(first: 2, after: $after, asOf: $asOf) { nodes { name } pageInfo { endCursor hasNextPage } } }';
    const { revision } = (await read('{ revision }')) as { revision: number };
    for (const asOf of [null, revision]) {
      const first = await read(asked, { asOf });
      expect(first).toMatchObject({ identities: { nodes: [{ name: 'Zoe' }, { name: 'anna@example.com' }], pageInfo: { hasNextPage: true } } });
      const { endCursor } = (first?.['identities'] as { pageInfo: { endCursor: string } }).pageInfo;
      expect(await read(asked, { asOf, after: endCursor })).toMatchObject({ identities: { nodes: [{ name: 'ci-bot' }], pageInfo: { hasNextPage: false } } });
    }
  });

  it('are created once for an idempotency key, whose use for anything else is refused', async () => {
    const input = { name: 'worker', kind: 'service', idempotencyKey: 'k1' };
    const first = await change('createIdentity', input);
    expect(await change('createIdentity', input)).toEqual(first);
    expect(await change('createIdentity', { ...input, name: 'other' })).toMatchObject({ code: 'idempotency_conflict', pointer: '/idempotencyKey' });
  });

  it('are put into groups and taken out of them, and stay in what they were in at every point of the past', async () => {
    const made = (await change('createIdentity', { name: 'desk', kind: 'service' })) as { revision: number };
    const history = async () => ((await read('{ identity(identity: "desk") { history { nodes { type } } } }')) as { identity: { history: { nodes: { type: string }[] } } }).identity.history.nodes.map(({ type }) => type);
    expect(made).toMatchObject({ identity: { groups: [] } });
    expect(await change('regroupIdentity', { identity: 'desk', groups: ['support', 'ops', 'support'] })).toMatchObject({ __typename: 'RegroupIdentityPayload', identity: { groups: ['ops', 'support'] }, revision: made.revision + 1 });
    expect(await change('regroupIdentity', { identity: 'desk', groups: ['ops', 'support'] })).toMatchObject({ identity: { groups: ['ops', 'support'] }, revision: made.revision + 1 });
    expect(await change('regroupIdentity', { identity: 'desk', groups: ['ops', ''] })).toMatchObject({ code: 'identity.group_invalid', pointer: '/groups/1' });
    expect(await change('regroupIdentity', { identity: 'desk', groups: [] })).toMatchObject({ identity: { groups: [] }, revision: made.revision + 2 });
    const groupsAt = async (asOf: number) => ((await read('query($asOf: AsOf) { identity(identity: "desk", asOf: $asOf) { groups } }', { asOf })) as { identity: { groups: string[] } }).identity.groups;
    expect([await groupsAt(made.revision), await groupsAt(made.revision + 1), await groupsAt(made.revision + 2)]).toEqual([[], ['ops', 'support'], []]);
    expect(await history()).toEqual(['identity.created', 'identity.regrouped', 'identity.regrouped']);
  });

  it('leave on record who changed their groups, from which and to which', async () => {
    await change('createIdentity', { name: 'moved', kind: 'agent', groups: ['ops'] });
    await change('regroupIdentity', { identity: 'moved', groups: ['finance'] });
    await world.plane.auditTold();
    const told = (await read('{ auditEvents(first: 10, filter: { type: "admin.identity.regrouped" }) { nodes { line } } }')) as { auditEvents: { nodes: { line: string }[] } };
    const [newest] = told.auditEvents.nodes.map(({ line }) => JSON.parse(line) as { actor: { kind: string }; admin: { patch: unknown } });
    expect(newest).toMatchObject({ actor: { kind: 'member' }, admin: { action: 'identity.regrouped', patch: [{ op: 'replace', path: '/groups', value: ['finance'] }] } });
  });
});
