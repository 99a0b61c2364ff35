import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { mutate } from '../../testing/mutate.js';
import { ToolShelf } from '../../testing/tool-shelf.js';

const open = { version: '1', default: 'allow' };
const shut = { version: '1', default: 'deny' };
const limited = { version: '1', default: 'deny', tools: { stop: { limits: [{ counter: 'stops', window: 'minute', max: 30, scope: 'grant' }] } } };
const VERSION = 'version document documentHash note mode live restoresVersion publishedAt';
const PAYLOAD = `policyId version unchanged policy { id name latestVersion version { ${VERSION} } live { version } }`;
const REST = '... on PolicyRejected { code message pointer findings { severity code pointer message fix } } ... on Refusal { code message pointer }';

describe('policies', () => {
  const shelf = new ToolShelf();
  let world: TestControlPlane;
  beforeAll(async () => {
    world = await aControlPlane({ inspect: shelf.inspect });
    shelf.put('https://timers.example.com/mcp', { name: 'stop', inputSchema: { type: 'object', properties: { id: { type: 'string' } } } });
    await mutate(world, 'registerServer', '', { slug: 'timers', url: 'https://timers.example.com/mcp' });
    await mutate(world, 'createIdentity', '', { name: 'bot', kind: 'agent', labels: [{ key: 'team', value: 'ops' }], groups: ['on-call'] });
  });
  afterAll(() => world.close());

  const read = async (query: string, variables: Readonly<Record<string, unknown>> = {}) => {
    const { data, errors } = await world.ask(query, { variables });
    expect(errors).toEqual([]);
    return data;
  };
  const publish = async (name: string, document: unknown, more: object = {}) => {
    const query = `mutation ($input: PublishPolicyInput!) { answer: publishPolicy(input: $input) { __typename ... on PublishPolicyPayload { revision findings { severity code pointer } ${PAYLOAD} } ${REST} } }`;
    return (await read(query, { input: { name, document, ...more } }))?.['answer'] as Readonly<Record<string, unknown>> & { revision: number };
  };
  const rollback = (policy: string, to: number, more: object = {}) => mutate(world, 'rollbackPolicy', PAYLOAD, { policy, to, ...more });

  it('begin with version 1, keep the text as given, and are live', async () => {
    const text = '{ "version": "1", "default": "allow" }';
    expect(await publish('billing', text, { note: 'first' })).toMatchObject({
      __typename: 'PublishPolicyPayload', version: 1, unchanged: false, findings: [],
      policy: { name: 'billing', latestVersion: 1, version: { version: 1, document: text, note: 'first', mode: 'enforce', live: true, restoresVersion: null }, live: { version: 1 } },
    });
  });

  it('make no version of the newest document published again, however it is written', async () => {
    const before = await read('{ revision }');
    expect(await publish('billing', open, { note: 'other' })).toMatchObject({ version: 1, unchanged: true, policy: { version: { note: 'first' } } });
    expect(await read('{ revision }')).toEqual(before);
  });

  it('are rejected with every error and the place of the first', async () => {
    expect(await publish('billing', { version: '1', default: 'maybe', tools: { a: { denyif: [] } } })).toEqual({
      __typename: 'PolicyRejected', code: 'policy_invalid', message: expect.any(String), pointer: '/default',
      findings: [
        { severity: 'error', code: expect.any(String), pointer: '/default', message: expect.any(String), fix: expect.toSatisfy((fix) => fix === null || typeof fix === 'string') },
        { severity: 'error', code: 'unknown_field', pointer: '/tools/a/denyif', message: expect.any(String), fix: expect.anything() },
      ],
    });
    expect(await publish('billing', '{"version":')).toMatchObject({ code: 'policy_invalid', pointer: '/version', findings: [{ code: 'bad_json' }] });
    expect(await publish('billing', 7)).toMatchObject({ code: 'policy_invalid', pointer: '' });
  });

  it.each([
    ['a bad name', 'a b', {}, 'policy.name_invalid', '/name'],
    ['a name with a version', 'billing@2', {}, 'policy.name_invalid', '/name'],
    ['a note with a NUL', 'billing', { note: 'a\0' }, 'policy.note_invalid', '/note'],
    ['a server that is not there', 'billing', { server: 'nobody' }, 'server.unknown', '/server'],
  ])('are refused with %s', async (_, name, more, code, pointer) => {
    expect(await publish(name, shut, more)).toEqual({ __typename: 'Refusal', code, message: expect.any(String), pointer });
  });

  it('are checked against a server’s tools when it is named', async () => {
    const typo = { version: '1', default: 'deny', tools: { stopp: {} } };
    expect(await publish('checked', typo)).toMatchObject({ findings: [] });
    expect(await publish('checked', { ...typo, description: 'again' }, { server: 'timers' })).toMatchObject({ findings: [{ severity: 'warning', code: 'unknown_tool', pointer: '/tools/stopp' }] });
  });

  it('follow their newest version that is not in shadow mode', async () => {
    expect(await publish('watched', { ...shut, mode: 'shadow' })).toMatchObject({ policy: { version: { mode: 'shadow', live: false }, live: null } });
    expect(await publish('watched', open)).toMatchObject({ version: 2, policy: { live: { version: 2 } } });
    expect(await publish('watched', { ...shut, mode: 'shadow' })).toMatchObject({ version: 3, policy: { version: { live: false }, live: { version: 2 } } });
    const { policy } = (await read('{ policy(name: "watched") { version { version } latestVersion } }')) as { policy: object };
    expect(policy).toEqual({ version: { version: 2 }, latestVersion: 3 });
  });

  it('are rolled back by publishing an earlier document again, out of shadow mode if need be', async () => {
    await publish('billing', shut);
    expect(await rollback('billing', 1, { note: 'back' })).toMatchObject({
      __typename: 'RollbackPolicyPayload', version: 3, unchanged: false,
      policy: { version: { document: '{ "version": "1", "default": "allow" }', restoresVersion: 1, note: 'back', live: true }, live: { version: 3 } },
    });
    expect(await rollback('billing', 3)).toMatchObject({ version: 3, unchanged: true });
    expect(await rollback('watched', 1)).toMatchObject({ version: 4, policy: { version: { document: '{"default":"deny","version":"1"}', mode: 'enforce', restoresVersion: 1 }, live: { version: 4 } } });
    expect(await rollback('billing', 9)).toMatchObject({ code: 'policy.version_unknown', pointer: '/to' });
    expect(await rollback('nobody', 1)).toMatchObject({ code: 'policy.unknown', pointer: '/policy' });
  });

  it('answer a repeated key with the version it published', async () => {
    const first = await publish('keyed', open, { idempotencyKey: 'k' });
    await publish('keyed', shut);
    const again = await publish('keyed', open, { idempotencyKey: 'k' });
    expect([again['version'], again.revision]).toEqual([1, first.revision]);
    expect(await publish('keyed', limited, { idempotencyKey: 'k' })).toMatchObject({ code: 'idempotency_conflict' });
  });

  it('are read by version, as they were, and in pages', async () => {
    const asked = 'query ($version: Int, $asOf: AsOf) { policy(name: "billing", version: $version, asOf: $asOf) { version { version } live { version } latestVersion versions(first: 2) { nodes { version live } pageInfo { hasNextPage endCursor } } } }';
    const now = { version: { version: 3 }, live: { version: 3 }, latestVersion: 3 };
    expect(await read(asked)).toMatchObject({ policy: { ...now, versions: { nodes: [{ version: 3, live: true }, { version: 2, live: false }], pageInfo: { hasNextPage: true } } } });
    expect(await read(asked, { version: 2 })).toMatchObject({ policy: { ...now, version: { version: 2 } } });
    expect(await read(asked, { version: 4 })).toEqual({ policy: null });
    const { policy } = (await read('{ policy(name: "billing") { history { nodes { revision type } } } }')) as { policy: { history: { nodes: { revision: number }[] } } };
    const [first = 0, second = 0] = policy.history.nodes.map((node) => node.revision);
    expect(await read(asked, { asOf: first - 1 })).toEqual({ policy: null });
    expect(await read(asked, { asOf: second })).toMatchObject({ policy: { version: { version: 2 }, live: { version: 2 }, versions: { nodes: [{ version: 2, live: true }, { version: 1 }], pageInfo: { hasNextPage: false } } } });
    expect(await read(asked, { asOf: second, version: 3 })).toEqual({ policy: null });
    const { policies } = (await read('query ($asOf: AsOf) { policies(asOf: $asOf) { nodes { name } } }', { asOf: second })) as { policies: { nodes: object[] } };
    expect(policies.nodes).toEqual([{ name: 'billing' }, { name: 'checked' }, { name: 'watched' }]);
  });

  it('are linted without being published', async () => {
    const asked = `query ($document: JSON!, $server: ID) { answer: lintPolicy(document: $document, server: $server) { __typename ... on PolicyFindings { findings { severity code } } ... on Refusal { code pointer } } }`;
    const before = await read('{ revision }');
    expect(await read(asked, { document: limited, server: 'timers' })).toEqual({ answer: { __typename: 'PolicyFindings', findings: [] } });
    expect(await read(asked, { document: { ...limited, tools: { stopp: {} } }, server: 'timers' })).toMatchObject({ answer: { findings: [{ severity: 'warning', code: 'unknown_tool' }] } });
    expect(await read(asked, { document: { version: '1' } })).toMatchObject({ answer: { findings: [{ severity: 'error', code: 'missing_field' }] } });
    expect(await read(asked, { document: open, server: 'nobody' })).toMatchObject({ answer: { code: 'server.unknown', pointer: '/server' } });
    expect(await read('{ revision }')).toEqual(before);
  });

  it('are compared, versions and drafts alike', async () => {
    const asked = `query ($a: PolicySource!, $b: PolicySource!) { answer: diffPolicies(a: $a, b: $b) { __typename ... on PolicyDiff { entries { kind tool pointer message } } ${REST} } }`;
    expect(await read(asked, { a: { policy: 'billing@1' }, b: { policy: 'billing' } })).toEqual({ answer: { __typename: 'PolicyDiff', entries: [] } });
    expect(await read(asked, { a: { document: shut }, b: { document: limited } })).toMatchObject({ answer: { entries: [{ kind: 'gained', tool: 'stop', message: expect.stringContaining('stop') }] } });
    expect(await read(asked, { a: { policy: 'billing@7' }, b: { policy: 'billing' } })).toMatchObject({ answer: { code: 'policy.version_unknown', pointer: '/a/policy' } });
    expect(await read(asked, { a: { policy: 'billing' }, b: { policy: 'nobody' } })).toMatchObject({ answer: { code: 'policy.unknown', pointer: '/b/policy' } });
    expect(await read(asked, { a: { policy: 'billing' }, b: {} })).toMatchObject({ answer: { code: 'policy.source_invalid', pointer: '/b' } });
    expect(await read(asked, { a: { policy: 'billing', document: open }, b: { policy: 'billing' } })).toMatchObject({ answer: { code: 'policy.source_invalid', pointer: '/a' } });
    expect(await read(asked, { a: { document: {} }, b: { policy: 'billing' } })).toMatchObject({ answer: { __typename: 'PolicyRejected', code: 'policy_invalid' } });
  });

  it('are compared for a server’s tools, and where a difference cannot be decided that is said [policy/diff]', async () => {
    const asked = `query ($a: PolicySource!, $b: PolicySource!, $server: ID) { answer: diffPolicies(a: $a, b: $b, server: $server) { __typename ... on PolicyDiff { entries { kind side ruleId pointer } } ${REST} } }`;
    const celled = (cel: string) => ({ document: { ...shut, tools: { stop: { deny_if: [{ conditions: [{ cel }] }] } } } });
    const entry = { kind: 'undecidable', side: 'after', ruleId: '/tools/stop/deny_if/0', pointer: '/tools/stop/deny_if/0' };
    expect(await read(asked, { a: celled('args.a > 1'), b: celled('args.a > 2') })).toEqual({ answer: { __typename: 'PolicyDiff', entries: [entry] } });
    const executing = { document: { ...shut, select: [{ match: { category: ['Execute'] }, allow: true }] } };
    expect(await read(asked, { a: { document: shut }, b: executing })).toMatchObject({ answer: { entries: [{ kind: 'loosened' }] } });
    expect(await read(asked, { a: { document: shut }, b: executing, server: 'timers' })).toEqual({ answer: { __typename: 'PolicyDiff', entries: [] } });
    expect(await read(asked, { a: { document: shut }, b: executing, server: 'nobody' })).toMatchObject({ answer: { code: 'server.unknown' } });
  });

  it('are linted with fixes that a program can carry out', async () => {
    const asked = 'query ($document: JSON!) { answer: lintPolicy(document: $document, server: "timers") { ... on PolicyFindings { findings { code fix edit } } } }';
    expect(await read(asked, { document: { ...shut, tools: { stopp: {} } } })).toEqual({
      answer: { findings: [{ code: 'unknown_tool', fix: expect.stringContaining('stop'), edit: [{ op: 'move', from: '/tools/stopp', path: '/tools/stop' }] }] },
    });
  });

  const tried = (input: object) =>
    read(
      `query ($input: TryPolicyInput!) { answer: tryPolicy(input: $input) { __typename ... on PolicyTrial { effect outcome ruleId reasonCode sentence: message explanation policyVersion limits { ruleId counter scope units max windowStart windowEnd } } ${REST} } }`,
      { input: { policy: { document: limited }, server: 'timers', tool: 'stop', ...input } },
    );

  it('are tried without counting, recording or sending anything', async () => {
    const before = await read('{ revision decisions { nodes { decisionId } } }');
    const asked = shelf.asked.length;
    expect(await tried({})).toEqual({
      answer: {
        __typename: 'PolicyTrial', effect: 'allow', outcome: 'allowed', ruleId: '/tools/stop', reasonCode: null, sentence: null, policyVersion: null,
        explanation: expect.arrayContaining([expect.stringContaining('/tools/stop/limits/stops')]),
        limits: [{ ruleId: '/tools/stop/limits/stops', counter: 'stops', scope: 'grant', units: '1', max: '30', windowStart: '2026-11-21T09:00:00.000Z', windowEnd: '2026-11-21T09:01:00.000Z' }],
      },
    });
    for (let call = 0; call < 40; call += 1) await tried({});
    expect(await tried({})).toMatchObject({ answer: { effect: 'allow' } });
    expect(await read('{ revision decisions { nodes { decisionId } } }')).toEqual(before);
    expect(shelf.asked).toHaveLength(asked);
  }, 120_000);

  it('say what denies, and that a tool is not listed', async () => {
    expect(await tried({ tool: 'start' })).toMatchObject({ answer: { effect: 'deny', outcome: 'denied', ruleId: '(default deny)', reasonCode: 'default_deny', limits: [], explanation: [expect.stringContaining('does not list'), expect.any(String)] } });
    const refund = { version: '1', default: 'deny', tools: { stop: { deny_if: [{ conditions: [{ path: 'args.amount', op: 'gt', value: 9007199254740992 }], on_deny: 'Too much.' }] } } };
    expect(await tried({ policy: { document: refund }, args: '{"amount":9007199254740993}' })).toMatchObject({ answer: { ruleId: '/tools/stop/deny_if/args.amount-gt', reasonCode: 'rule_denied', sentence: expect.stringContaining('Too much.') } });
    expect(await tried({ policy: { document: refund }, args: { amount: 1 } })).toMatchObject({ answer: { effect: 'allow' } });
    const approval = { version: '1', default: 'deny', tools: { stop: { action: 'require_approval' } } };
    expect(await tried({ policy: { document: approval } })).toMatchObject({ answer: { effect: 'deny', outcome: 'approval_required', reasonCode: 'approval_required' } });
  });

  it('say what each condition saw, groups laid flat [policy/explain]', async () => {
    const asked = 'query ($input: TryPolicyInput!) { answer: tryPolicy(input: $input) { ... on PolicyTrial { ruleId steps { ruleId held conditions { depth what held saw } } } } }';
    const grouped = { version: '1', default: 'deny', tools: { stop: { deny_if: [{ conditions: [{ any: [{ path: 'args.a', op: 'gt', value: 5 }, { path: 'args.b', op: 'eq', value: 'x' }] }] }] } } };
    const { answer } = (await read(asked, { input: { policy: { document: grouped }, server: 'timers', tool: 'stop', args: { a: 9 } } })) as { answer: { steps: object[] } };
    expect(answer.steps.at(-1)).toMatchObject({ held: 'yes', conditions: [{ depth: 0, held: 'yes', saw: null }, { depth: 1, held: 'yes', saw: '9' }, { depth: 1, held: 'unknown', saw: 'nothing' }] });
  });

  it('are tried by name and version, for an identity', async () => {
    expect(await tried({ policy: { policy: 'billing@2' } })).toMatchObject({ answer: { effect: 'deny', policyVersion: 2 } });
    expect(await tried({ policy: { policy: 'billing' } })).toMatchObject({ answer: { effect: 'allow', policyVersion: 3, ruleId: '(default allow)' } });
    const ops = { version: '1', default: 'deny', tools: { stop: { require: [{ conditions: [{ path: 'identity.labels.team', op: 'eq', value: 'ops' }] }] } } };
    expect(await tried({ policy: { document: ops }, identity: 'bot' })).toMatchObject({ answer: { effect: 'allow' } });
    expect(await tried({ policy: { document: ops } })).toMatchObject({ answer: { effect: 'deny', reasonCode: 'require_failed' } });
  });

  it('are tried with the groups of an identity; without one, the caller is known to be in none', async () => {
    const onCall = (isMember: boolean) => {
      const asked = { path: 'identity.groups', op: 'contains', value: 'on-call' };
      return { policy: { document: { version: '1', default: 'deny', tools: { stop: { require: [{ conditions: [isMember ? asked : { not: asked }] }] } } } } };
    };
    expect(await tried({ ...onCall(true), identity: 'bot' })).toMatchObject({ answer: { effect: 'allow' } });
    expect(await tried({ ...onCall(false), identity: 'bot' })).toMatchObject({ answer: { effect: 'deny', reasonCode: 'require_failed' } });
    expect(await tried(onCall(true))).toMatchObject({ answer: { effect: 'deny', reasonCode: 'require_failed' } });
    expect(await tried(onCall(false))).toMatchObject({ answer: { effect: 'allow' } });
  });

  it.each([
    ['server.unknown', '/server', { server: 'nobody' }],
    ['identity.unknown', '/identity', { identity: 'nobody' }],
    ['policy.unknown', '/policy/policy', { policy: { policy: 'nobody' } }],
    ['policy.args_invalid', '/args', { args: '[]' }],
    ['policy.args_invalid', '/args', { args: '{"a":1,"a":2}' }],
  ])('are not tried: %s at %s', async (code, pointer, input) => {
    expect(await tried(input)).toEqual({ answer: { __typename: 'Refusal', code, message: expect.any(String), pointer } });
  });
});
