import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { mutate } from '../../testing/mutate.js';

const open = { version: '1', default: 'allow' };
const shut = { version: '1', default: 'deny' };
const POLICY = 'policyId version policy { latestVersion live { version } shadow { version shadow } tests testsRequired }';
const refund = (amount: number, effect: string) => ({ name: `${amount} is ${effect}`, call: { tool: 'refund', args: { amount } }, want: { effect } });
const tests = JSON.stringify({ version: '1', tests: [refund(10, 'allow'), refund(1_000, 'deny')] });
const capped = (max: number) => ({ version: '1', default: 'deny', tools: { refund: { require: [{ conditions: [{ path: 'args.amount', op: 'lte', value: max }] }] } } });

describe('policies', () => {
  let world: TestControlPlane;
  beforeAll(async () => {
    world = await aControlPlane();
  });
  afterAll(() => world.close());

  const read = async (query: string, variables: Readonly<Record<string, unknown>> = {}) => {
    const { data, errors } = await world.ask(query, { variables });
    expect(errors).toEqual([]);
    return data;
  };
  const publish = (name: string, document: unknown, more: object = {}) => mutate(world, 'publishPolicy', POLICY, { name, document, ...more });
  const shadow = (policy: string, version?: number) => mutate(world, 'shadowPolicy', POLICY, { policy, version: version ?? null });
  const promote = (policy: string, more: object = {}) => mutate(world, 'promotePolicy', POLICY, { policy, ...more });

  it('run any version in shadow beside the live one, one at a time, until it is stopped [policy/shadow]', async () => {
    await publish('billing', shut);
    await publish('billing', open);
    expect(await shadow('billing', 1)).toMatchObject({ __typename: 'ShadowPolicyPayload', version: 1, policy: { live: { version: 2 }, shadow: { version: 1, shadow: true } } });
    const before = await read('{ revision }');
    await shadow('billing', 1);
    expect(await read('{ revision }')).toEqual(before);
    expect(await shadow('billing')).toMatchObject({ version: null, policy: { live: { version: 2 }, shadow: null } });
    expect(await shadow('billing', 9)).toMatchObject({ code: 'policy.version_unknown', pointer: '/version' });
    expect(await shadow('nobody', 1)).toMatchObject({ code: 'policy.unknown', pointer: '/policy' });
  });

  it('are in shadow as soon as they are published in shadow mode, and read as they were', async () => {
    expect(await publish('watched', { ...shut, mode: 'shadow' })).toMatchObject({ policy: { live: null, shadow: { version: 1 } } });
    const { revision } = (await read('{ revision }')) as { revision: number };
    await publish('watched', open);
    await shadow('watched');
    const asked = 'query ($asOf: AsOf) { policy(name: "watched", asOf: $asOf) { live { version } shadow { version } } }';
    expect(await read(asked)).toEqual({ policy: { live: { version: 2 }, shadow: null } });
    expect(await read(asked, { asOf: String(revision) })).toEqual({ policy: { live: null, shadow: { version: 1 } } });
  });

  it('are promoted by one mutation, which publishes the document in force and ends its run in shadow [policy/promote]', async () => {
    await publish('moved', open);
    await publish('moved', { ...shut, mode: 'shadow' });
    expect(await promote('moved')).toMatchObject({ __typename: 'PromotePolicyPayload', version: 3, policy: { live: { version: 3 }, shadow: null } });
    expect(await read('{ policy(name: "moved") { version { document restoresVersion mode } } }')).toEqual({ policy: { version: { document: '{"default":"deny","version":"1"}', restoresVersion: 2, mode: 'enforce' } } });
    expect(await promote('moved')).toMatchObject({ code: 'policy.version_unknown', pointer: '/version' });
    expect(await promote('moved', { version: 1 })).toMatchObject({ version: 4, policy: { live: { version: 4 } } });
    expect(await promote('moved', { version: 9 })).toMatchObject({ code: 'policy.version_unknown', pointer: '/version' });
    expect(await promote('nobody')).toMatchObject({ code: 'policy.unknown', pointer: '/policy' });
  });

  it('are published only where their required tests pass, and keep them [policy/tests]', async () => {
    expect(await publish('refunds', capped(100), { tests, requireTests: true })).toMatchObject({ __typename: 'PublishPolicyPayload', version: 1, policy: { tests, testsRequired: true } });
    expect(await publish('refunds', capped(5_000))).toMatchObject({ code: 'policy.tests_failed', message: expect.stringContaining('"1000 is deny"'), pointer: '/tests' });
    expect(await publish('refunds', capped(50))).toMatchObject({ version: 2 });
    expect(await publish('refunds', { ...shut, mode: 'shadow' }, { requireTests: false })).toMatchObject({ version: 3, policy: { tests, testsRequired: false } });
    expect(await publish('refunds', capped(60), { requireTests: true })).toMatchObject({ version: 4, policy: { testsRequired: true } });
    expect(await promote('refunds', { version: 3 })).toMatchObject({ code: 'policy.tests_failed' });
    expect(await publish('refunds', capped(5_000), { tests: '' })).toMatchObject({ version: 5, policy: { tests: null, testsRequired: false } });
    expect(await publish('refunds', capped(70), { tests: '{', requireTests: true })).toMatchObject({ code: 'policy.tests_invalid', pointer: '/tests' });
    expect(await publish('refunds', capped(70), { tests: '{' })).toMatchObject({ code: 'policy.tests_invalid', pointer: '/tests' });
    expect(await publish('refunds', capped(70), { tests: `${tests}\0` })).toMatchObject({ code: 'policy.tests_invalid', pointer: '/tests' });
    expect(await publish('refunds', capped(70), { requireTests: true })).toMatchObject({ code: 'policy.tests_missing', pointer: '/tests' });
  });

  it('are tested without being published, by the tests given or their own', async () => {
    const asked = `query ($input: TestPolicyInput!) { answer: testPolicy(input: $input) { __typename
      ... on PolicyTestReport { passed failed outcomes { name passed want { effect } seen { effect rule reason } } }
      ... on TextRejected { code message placed: findings { line column } } ... on Refusal { code pointer } } }`;
    const outcome = { name: '1000 is deny', passed: false, want: { effect: 'deny' }, seen: { effect: 'allow', rule: '/tools/refund', reason: null } };
    expect(await read(asked, { input: { policy: { document: capped(5_000) }, tests } })).toMatchObject({ answer: { __typename: 'PolicyTestReport', passed: 1, failed: 1, outcomes: [{ passed: true }, outcome] } });
    await publish('own', capped(100), { tests });
    expect(await read(asked, { input: { policy: { policy: 'own' } } })).toMatchObject({ answer: { passed: 2, failed: 0 } });
    expect(await read(asked, { input: { policy: { document: open } } })).toMatchObject({ answer: { code: 'policy.tests_missing' } });
    expect(await read(asked, { input: { policy: { document: open }, tests: 'tests:\n  - nme: x' } })).toMatchObject({ answer: { __typename: 'TextRejected', code: 'policy.tests_invalid', placed: expect.arrayContaining([expect.objectContaining({ line: 2 })]) } });
  });

  it('are exported to the core form where it can say them', async () => {
    const asked = 'query ($policy: PolicySource!) { answer: exportPolicy(policy: $policy) { __typename ... on ExportedPolicy { document } ... on PolicyRejected { code findings { pointer } } ... on Refusal { code pointer } } }';
    const { answer } = (await read(asked, { policy: { document: { ...shut, tools: { refund: { action: 'deny', reason: 'No.' } } } } })) as { answer: { document: string } };
    expect(JSON.parse(answer.document)).toMatchObject({ tools: { refund: { deny_if: [{ conditions: [], on_deny: 'No.' }] } } });
    expect(await read(asked, { policy: { document: { ...shut, select: [{ match: { name: ['a*'] }, allow: true }] } } })).toMatchObject({ answer: { code: 'policy.not_exportable', findings: [{ pointer: '/select' }] } });
    expect(await read(asked, { policy: { policy: 'nobody' } })).toMatchObject({ answer: { code: 'policy.unknown', pointer: '/policy/policy' } });
  });

  it('are imported from the older form, or refused with the line [policy/import]', async () => {
    const asked = 'query ($text: String!) { answer: importPolicy(text: $text) { __typename ... on ImportedPolicy { document } ... on TextRejected { code message findings { line } } } }';
    const yaml = 'version: "1"\ntools:\n  refund:\n    rules:\n      - name: cap\n        conditions:\n          - { path: args.amount, op: lte, value: 100 }\n        on_deny: Too much.\n';
    const { answer } = (await read(asked, { text: yaml })) as { answer: { document: string } };
    expect(JSON.parse(answer.document)).toMatchObject({ version: '1', default: 'allow', tools: { refund: {} } });
    expect(await read(asked, { text: `${yaml}  other:\n    nonsense: 1\n` })).toMatchObject({ answer: { __typename: 'TextRejected', code: 'policy.not_importable', findings: [{ line: 10 }] } });
  });
});
