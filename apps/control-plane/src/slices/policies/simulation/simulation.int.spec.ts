import type { DecisionRecord } from '@sallyport/audit';
import { branded, canonicalJson, type DecisionId, type EpochMs, type IdentityId, type OrganisationId, type PolicyId, type Revision, type ServerId } from '@sallyport/kernel';
import { AesSecretBox, HmacKeyedHashes, RootKey } from '@sallyport/secrets-aes';
import type { Client } from 'graphql-ws';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { aStreamClient, subscribe } from '../../../testing/a-stream.js';
import { aCompleted, aDecided, sequenced, testId } from '../../../testing/decision-records.js';
import { mutate } from '../../../testing/mutate.js';
import { ToolShelf } from '../../../testing/tool-shelf.js';

const STEPS = `subscription ($input: SimulatePolicyInput!) { simulatePolicy(input: $input) { __typename
  ... on SimulationProgress { taken total }
  ... on SimulationReport { taken counted changed unchanged unknown outside outcomes { was wouldBe calls } examples { decisionId tool was { outcome } wouldBe { outcome ruleId pointer } } unknownExamples { needed mayBe } rules { ruleId changed unknown } }
  ... on PolicyRejected { code } ... on Refusal { code pointer } } }`;
const SINCE = '2026-11-21T08:00:00Z';
const UNTIL = '2026-11-21T12:00:00Z';
const CALLS = 1_204;

const box = new AesSecretBox(RootKey.parse('cd'.repeat(32)));
/** The control plane's own, as `aControlPlane` makes them. */
const hashes = new HmacKeyedHashes(RootKey.parse('ab'.repeat(32)));

async function wrappedKeyIn(databaseUrl: string): Promise<string> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const { rows } = await client.query<{ wrapped_key: string }>('SELECT wrapped_key FROM organisations');
  await client.end();
  return rows[0]?.wrapped_key ?? '';
}

type Step = Readonly<Record<string, unknown>> & { readonly __typename: string };

describe('simulations', () => {
  const shelf = new ToolShelf();
  const clients: Client[] = [];
  let world: TestControlPlane;
  let home: OrganisationId;
  let policyId: PolicyId;
  let serverId: ServerId;
  let identityId: IdentityId;
  let revision: Revision;

  const steps = async (input: object, token = world.operatorToken): Promise<readonly Step[]> => {
    const client = aStreamClient(world.url, token);
    clients.push(client);
    const told: Step[] = [];
    for await (const { data } of subscribe(client, STEPS, { input: { policy: { policy: 'live' }, since: SINCE, until: UNTIL, ...input } })) told.push((data as { simulatePolicy: Step }).simulatePolicy);
    return told;
  };
  const report = async (input: object, token?: string) => (await steps(input, token)).at(-1);
  const tokenOf = async (role: string) => {
    const { data } = await world.ask('mutation ($role: Role!) { createToken(input: { role: $role }) { ... on CreateTokenPayload { token } } }', { variables: { role } });
    return (data?.['createToken'] as { token: string }).token;
  };
  const replayed = async () => {
    const { data } = await world.ask('{ auditEvents(first: 100, filter: { type: "admin.organisation.kept_values_replayed" }) { nodes { line } } }');
    return (data?.['auditEvents'] as { nodes: { line: string }[] }).nodes.map(({ line }) => JSON.parse(line) as { actor: { roles: string[] }; admin: { patch: { path: string; value: unknown }[] } });
  };
  const draft = (document: object) => ({ policy: { document: { version: '1', default: 'deny', ...document } }, of: 'live' });

  beforeAll(async () => {
    world = await aControlPlane({ inspect: shelf.inspect, secretBox: box });
    shelf.put('https://timers.example.com/mcp', 'stop', 'start');
    const { server } = (await mutate(world, 'registerServer', 'server { id }', { slug: 'timers', url: 'https://timers.example.com/mcp' })) as unknown as { server: { id: ServerId } };
    const { identity } = (await mutate(world, 'createIdentity', 'identity { id }', { name: 'bot', kind: 'agent', labels: [{ key: 'team', value: 'ops' }], groups: ['on-call'] })) as unknown as { identity: { id: IdentityId } };
    await mutate(world, 'labelTool', 'revision', { server: 'timers', tool: 'stop', category: 'Destructive' });
    const published = (await mutate(world, 'publishPolicy', 'policyId', { name: 'live', document: { version: '1', default: 'allow' } })) as unknown as { policyId: PolicyId; revision: Revision };
    const { data } = await world.ask('{ organisation { id } revision }');
    home = branded<OrganisationId>((data?.['organisation'] as { id: string }).id);
    [policyId, serverId, identityId, revision] = [published.policyId, server.id, identity.id, branded<Revision>(Number(data?.['revision']))];
    const about = { policyId, serverId, serverSlug: 'timers', identityId, revision, argumentKeys: ['id'] };
    const records: DecisionRecord[] = [];
    for (let n = 1; n <= CALLS; n += 1) {
      const tool = n % 2 === 0 ? 'stop' : 'start';
      records.push(aDecided(home, n, { ...about, tool, ruleId: '(default allow)' }), aCompleted(home, n));
    }
    await world.plane.auditBus.publish(sequenced(...records));
    const elsewhere = { at: branded<EpochMs>(Date.parse('2026-11-21T09:30:00Z')), serverSlug: 'timers', tool: 'stop' };
    await world.plane.auditBus.publish(sequenced(aDecided(home, 5_000, { ...elsewhere, policyId: testId<PolicyId>(900_009) }), aCompleted(home, 5_000)).map((record) => ({ ...record, incarnation: testId(800_001) })));
  });
  afterEach(async () => {
    for (const open of clients.splice(0)) await open.dispose();
  });
  afterAll(() => world.close());

  it('replay every call of a policy, page after page, and count those that would change [policy/simulate]', async () => {
    const told = await steps(draft({ tools: { start: {} } }));
    expect(told[0]).toEqual({ __typename: 'SimulationProgress', taken: 0, total: CALLS });
    expect(told.at(-1)).toMatchObject({
      __typename: 'SimulationReport', taken: CALLS, counted: CALLS, changed: CALLS / 2, unchanged: CALLS / 2, unknown: 0, outside: 0,
      outcomes: expect.arrayContaining([{ was: 'allowed', wouldBe: 'denied', calls: CALLS / 2 }]),
      examples: [{ decisionId: testId(2), tool: 'stop', was: { outcome: 'allowed' }, wouldBe: { outcome: 'denied', ruleId: '(default deny)', pointer: null } }, ...Array(4).fill(expect.anything())],
    });
  });

  it('find the version in force unchanged', async () => {
    expect(await report({})).toMatchObject({ counted: CALLS, changed: 0, unchanged: CALLS, unknown: 0 });
  });

  it('know what identities and tools were labelled then, and count apart what was not kept', async () => {
    expect(await report(draft({ select: [{ match: { category: ['Destructive'] }, allow: true }] }))).toMatchObject({ changed: CALLS / 2, unknown: 0 });
    const ofTeam = (team: string) => draft({ all_tools: { require: [{ conditions: [{ path: 'identity.labels.team', op: 'eq', value: team }] }] }, default: 'allow' });
    expect(await report(ofTeam('ops'))).toMatchObject({ changed: 0, unknown: 0 });
    expect(await report(ofTeam('sales'))).toMatchObject({ changed: CALLS, unknown: 0 });
    const byArgument = draft({ default: 'allow', all_tools: { deny_if: [{ conditions: [{ path: 'args.id', op: 'eq', value: 7 }] }] } });
    expect(await report(byArgument)).toMatchObject({ changed: 0, unknown: CALLS, unknownExamples: expect.arrayContaining([{ needed: ['/all_tools/deny_if/0'], mayBe: expect.arrayContaining(['allowed', 'denied']) }]) });
  });

  it('know which groups identities were in then, whatever they are in now, and count apart calls of an identity that nobody knew', async () => {
    const ofGroup = (group: string) => draft({ default: 'allow', all_tools: { require: [{ conditions: [{ path: 'identity.groups', op: 'contains', value: group }] }] } });
    await mutate(world, 'regroupIdentity', 'revision', { identity: 'bot', groups: ['sales'] });
    expect(await report(ofGroup('on-call'))).toMatchObject({ changed: 0, unchanged: CALLS, unknown: 0 });
    expect(await report(ofGroup('sales'))).toMatchObject({ changed: CALLS, unknown: 0 });
    const at = branded<EpochMs>(Date.parse('2026-11-21T12:30:00Z'));
    const stranger = aDecided(home, 9_000, { policyId, serverId, serverSlug: 'timers', revision, tool: 'stop', ruleId: '(default allow)', at });
    await world.plane.auditBus.publish(sequenced(stranger, aCompleted(home, 9_000)).map((record) => ({ ...record, incarnation: testId(800_006) })));
    expect(await report({ ...ofGroup('on-call'), since: '2026-11-21T12:00:00Z', until: '2026-11-21T13:00:00Z' })).toMatchObject({ counted: 1, unknown: 1, unknownExamples: [{ needed: ['/all_tools/require/0'] }] });
  });

  it('replay limits over all calls, and count only those of an identity, a server or a time', async () => {
    const limited = draft({ default: 'allow', all_tools: { limits: [{ counter: 'all', window: 'day', max: 1_000 }] } });
    expect(await report(limited)).toMatchObject({ changed: CALLS - 1_000, outcomes: expect.arrayContaining([{ was: 'allowed', wouldBe: 'limited', calls: CALLS - 1_000 }]) });
    expect(await report({ ...draft({}), identity: 'bot', server: 'timers' })).toMatchObject({ counted: CALLS });
    expect(await report({ ...draft({}), until: '2026-11-21T09:00:11Z' })).toMatchObject({ counted: 10 });
  });

  it.each([
    ['a policy that is not there', { policy: { policy: 'nobody' } }, 'policy.unknown', '/policy/policy'],
    ['calls of a policy that is not there', { of: 'nobody' }, 'policy.unknown', '/of'],
    ['an identity that is not there', { identity: 'nobody' }, 'identity.unknown', '/identity'],
    ['a server that is not there', { server: 'nobody' }, 'server.unknown', '/server'],
  ])('are refused for %s', async (_, input, code, pointer) => {
    expect(await steps(input)).toEqual([{ __typename: 'Refusal', code, pointer }]);
  });

  it('are refused for a document with errors', async () => {
    expect(await steps({ policy: { document: {} } })).toEqual([{ __typename: 'PolicyRejected', code: 'policy_invalid' }]);
  });

  it('leave decisions to be explained, with their arguments held against the digest [policy/explain]', async () => {
    const asked = `query ($id: ID!, $args: JSON) { answer: explainDecision(id: $id, args: $args) { __typename ... on DecisionExplanation { effect ruleId recordedRuleId policyVersion steps { ruleId held conditions { what held saw } } } ... on Refusal { code pointer } } }`;
    const explained = async (n: number, args?: unknown) => (await world.ask(asked, { variables: { id: testId(n), args: args ?? null } })).data?.['answer'];
    const argless = aDecided(home, 6_000, { policyId, serverId, identityId, revision, tool: 'stop', ruleId: '(default allow)', argumentKeys: [], argumentsDigest: null });
    await world.plane.auditBus.publish(sequenced(argless).map((record) => ({ ...record, incarnation: testId(800_002) })));
    expect(await explained(6_000)).toEqual({ __typename: 'DecisionExplanation', effect: 'allow', ruleId: '(default allow)', recordedRuleId: '(default allow)', policyVersion: 1, steps: [{ ruleId: '(default allow)', held: 'yes', conditions: [] }] });
    expect(await explained(2)).toEqual({ __typename: 'Refusal', code: 'decision.arguments_needed', pointer: '/args' });
    expect(await explained(2, { id: 7 })).toEqual({ __typename: 'Refusal', code: 'decision.arguments_differ', pointer: '/args' });
    expect(await explained(2, '[]')).toEqual({ __typename: 'Refusal', code: 'policy.args_invalid', pointer: '/args' });
    expect(await explained(777_777)).toEqual({ __typename: 'Refusal', code: 'decision.unknown', pointer: '/id' });
  });

  it('replay and explain with arguments that the policy kept, shown only to who brings them along [policy/record]', async () => {
    const decisionId = testId<DecisionId>(8_000);
    const context = { organisationId: home, objectKind: 'decision', objectId: decisionId, field: 'arguments' };
    const sealedArguments = box.seal(context, await wrappedKeyIn(world.database.url), JSON.stringify({ level: 'full', arguments: { id: 7 } }));
    const kept = aDecided(home, 8_000, { policyId, serverId, serverSlug: 'timers', identityId, revision, tool: 'stop', at: branded<EpochMs>(Date.parse('2026-11-21T11:30:00Z')), argumentKeys: ['id'], sealedArguments });
    await world.plane.auditBus.publish(sequenced(kept, aCompleted(home, 8_000)).map((record) => ({ ...record, incarnation: testId(800_004) })));
    const byArgument = draft({ default: 'allow', all_tools: { deny_if: [{ conditions: [{ path: 'args.id', op: 'eq', value: 7 }] }] } });
    expect(await report({ ...byArgument, since: '2026-11-21T11:00:00Z' })).toMatchObject({ counted: 1, changed: 1, unknown: 0 });
    await mutate(world, 'publishPolicy', 'version', { name: 'live', document: { version: '1', default: 'allow', all_tools: { deny_if: [{ conditions: [{ path: 'args.id', op: 'eq', value: 7 }] }] } } });
    const head = (await world.ask('{ revision }')).data?.['revision'];
    const later = aDecided(home, 8_001, { ...kept, decisionId: testId<DecisionId>(8_001), policyVersion: 2, revision: branded<Revision>(Number(head)), argumentsDigest: hashes.digest(home, canonicalJson({ id: 7 })), sealedArguments: box.seal({ ...context, objectId: testId<DecisionId>(8_001) }, await wrappedKeyIn(world.database.url), JSON.stringify({ level: 'full', arguments: { id: 7 } })) });
    await world.plane.auditBus.publish(sequenced(later).map((record) => ({ ...record, incarnation: testId(800_005) })));
    const asked = 'query ($id: ID!, $args: JSON) { answer: explainDecision(id: $id, args: $args) { ... on DecisionExplanation { effect steps { conditions { saw } } } ... on Refusal { code } } }';
    const viewer = await tokenOf('viewer');
    const saw = async (token: string, args: object | null = null) => (await world.ask(asked, { token, variables: { id: testId(8_001), args } })).data;
    const explained = (what: string) => ({ answer: { effect: 'deny', steps: [{ conditions: [] }, { conditions: [{ saw: what }] }] } });
    for (const token of [world.operatorToken, viewer]) expect(await saw(token)).toEqual(explained('a number'));
    expect(await saw(viewer, { id: 7 })).toEqual(explained('7'));
  });

  it('ask kept values nothing for whoever could not take part in a reveal, and are on record for the others [policy/record]', async () => {
    const guess = (value: number) => ({ ...draft({ default: 'allow', all_tools: { deny_if: [{ conditions: [{ path: 'args.id', op: 'gt', value }] }] } }), since: '2026-11-21T11:00:00Z' });
    const before = (await replayed()).length;
    for (const role of ['viewer', 'policy_manager']) {
      for (const value of [6, 7]) expect(await report(guess(value), await tokenOf(role)), role).toMatchObject({ counted: 1, changed: 0, unknown: 1 });
    }
    expect(await replayed()).toHaveLength(before);
    for (const [at, role] of ['auditor', 'admin'].entries()) {
      expect(await report(guess(6), await tokenOf(role)), role).toMatchObject({ counted: 1, changed: 1, unknown: 0 });
      expect(await replayed()).toHaveLength(before + at + 1);
      const [newest] = await replayed();
      expect(newest?.actor.roles).toContain(role);
      expect(Object.fromEntries((newest?.admin.patch ?? []).map(({ path, value }) => [path, value]))).toEqual({ '/calls': 1, '/since': '2026-11-21T11:00:00.000Z', '/until': new Date(UNTIL).toISOString(), '/document_hash': expect.stringMatching(/^[0-9a-f]{64}$/) });
    }
    expect(await report({ ...guess(6), since: SINCE, until: '2026-11-21T11:00:00Z' })).toMatchObject({ unknown: CALLS });
    expect(await replayed()).toHaveLength(before + 2);
  });

  it('stand beside what a version in shadow said of live calls, counted and listed [policy/shadow]', async () => {
    const asked = 'query ($policy: ID!, $version: Int) { answer: shadowReport(policy: $policy, version: $version, since: "2026-11-21T08:00:00Z") { __typename ... on ShadowReport { version stricter looser otherReason disagreements { decisionId shadow { relation ruleId reasonCode } } } ... on Refusal { code pointer } } }';
    const report = async (variables: object) => (await world.ask(asked, { variables: { policy: 'live', version: 1, ...variables } })).data?.['answer'];
    const shadows = [{ policyVersion: 1, relation: 'stricter', effect: 'deny', ruleId: '(default deny)', reasonCode: 'default_deny' }] as const;
    const disagreed = aDecided(home, 7_000, { policyId, serverId, identityId, revision, tool: 'stop', shadows });
    await world.plane.auditBus.publish(sequenced(disagreed).map((record) => ({ ...record, incarnation: testId(800_003) })));
    const [{ policyVersion: _, effect: __, ...told }] = shadows;
    expect(await report({})).toEqual({ __typename: 'ShadowReport', version: 1, stricter: 1, looser: 0, otherReason: 0, disagreements: [{ decisionId: testId(7_000), shadow: told }] });
    expect(await report({ version: null })).toEqual({ __typename: 'Refusal', code: 'policy.version_unknown', pointer: '/version' });
    expect(await report({ policy: 'nobody' })).toEqual({ __typename: 'Refusal', code: 'policy.unknown', pointer: '/policy' });
  });

  it('leave decisions to be explained by the groups an identity was in then', async () => {
    const document = { version: '1', default: 'allow', all_tools: { require: [{ conditions: [{ path: 'identity.groups', op: 'contains', value: 'night' }] }] } };
    await mutate(world, 'regroupIdentity', 'revision', { identity: 'bot', groups: ['night'] });
    const grouped = (await mutate(world, 'publishPolicy', 'policyId revision', { name: 'grouped', document })) as unknown as { policyId: PolicyId; revision: number };
    await mutate(world, 'regroupIdentity', 'revision', { identity: 'bot', groups: ['day'] });
    const about = { policyId: grouped.policyId, serverId, identityId, tool: 'stop', argumentKeys: [], argumentsDigest: null, at: branded<EpochMs>(Date.parse('2026-11-21T13:30:00Z')) };
    const [before, after] = [branded<Revision>(grouped.revision), branded<Revision>(grouped.revision + 1)];
    await world.plane.auditBus.publish(sequenced(aDecided(home, 9_100, { ...about, revision: before }), aDecided(home, 9_101, { ...about, revision: after })).map((record) => ({ ...record, incarnation: testId(800_007) })));
    const asked = 'query ($id: ID!) { answer: explainDecision(id: $id) { ... on DecisionExplanation { effect ruleId steps { conditions { saw } } } } }';
    const explained = async (n: number) => (await world.ask(asked, { variables: { id: testId(n) } })).data?.['answer'];
    expect(await explained(9_100)).toMatchObject({ effect: 'allow' });
    expect(await explained(9_101)).toMatchObject({ effect: 'deny', ruleId: '/all_tools/require/identity.groups-contains', steps: expect.arrayContaining([{ conditions: [{ saw: '["day"]' }] }]) });
  });

  it('stop when nobody reads on', async () => {
    const streams = async () => Number((await world.plane.metrics.getSingleMetric('sallyport_decision_streams')?.get())?.values[0]?.value ?? 0);
    const client = aStreamClient(world.url, world.operatorToken);
    const reading = subscribe(client, STEPS, { input: { ...draft({}), since: SINCE, until: UNTIL } });
    await reading.next();
    await client.dispose();
    await expect.poll(streams, { timeout: 5_000, interval: 5 }).toBe(0);
  });
});
