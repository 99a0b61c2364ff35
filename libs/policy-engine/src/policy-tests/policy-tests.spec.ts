import { describe, expect, it } from 'vitest';

import { aPolicy } from '../testing/a-policy.js';
import { parsePolicyTests } from './parse-policy-tests.js';
import { runPolicyTests } from './run-policy-tests.js';

const policy = aPolicy({
  tools: {
    create_refund: {
      deny_if: [{ conditions: [{ path: 'args.amount', op: 'gt', value: 100 }], on_deny: 'Too much.' }],
      limits: [
        { counter: 'refunds', window: 'day', max: 3, count: 'success' },
        { counter: 'money', window: 3_600, max: 150, algorithm: 'sliding', increment_from: 'args.amount', on_exceed: 'require_approval' },
        { counter: 'at once', window: 'concurrent', max: 2 },
      ],
    },
    read_mail: {},
    pay: { require: [{ conditions: [{ path: 'identity.groups', op: 'contains', value: 'finance' }, { path: 'session.calls', op: 'lt', value: 3 }] }] },
  },
  flows: [{ after: { name: ['read_mail'], marks: 'untrusted' }, deny: { name: ['pay'] }, within: '30m' }],
});

function run(tests: string) {
  const parsed = parsePolicyTests(`version: "1"\ncall: { tool: create_refund, args: { amount: 1 }, at: "2026-11-21T10:00:00Z" }\ntests:\n${tests}`);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
  return runPolicyTests(policy, parsed.value).map(({ passed, seen, deniedBefore }) => [passed, seen.effect, seen.reason, seen.rule, deniedBefore]);
}

describe('policy tests', () => {
  it('compare verdict, rule, reason and message, as far as they are wanted', () => {
    const wants = ['{ effect: deny }', '{ effect: deny, rule: /tools/create_refund/deny_if/args.amount-gt, reason: rule_denied, message: Too much. }', '{ effect: allow }', '{ effect: deny, rule: /other }', '{ effect: deny, message: Other }'];
    const outcomes = run(wants.map((want) => `  - { name: n, call: { args: { amount: 101 } }, want: ${want} }`).join('\n'));
    expect(outcomes.map(([passed]) => passed)).toEqual([true, true, false, false, false]);
    expect(outcomes[0]).toEqual([true, 'deny', 'rule_denied', '/tools/create_refund/deny_if/args.amount-gt', 0]);
  });

  it.each([
    ['three calls before fill a limit of three', '[{ times: 3 }]', 'limit_exceeded', 0],
    ['a fourth is denied itself and leaves nothing', '[{ times: 4 }]', 'limit_exceeded', 1],
    ['calls of the day before do not count', '[{ times: 3, at: "2026-11-20T23:59:59Z" }]', null, 0],
    ['failed calls are given back where only success counts', '[{ times: 2 }, { ended: failed }]', null, 0],
    ['refused calls are given back', '[{ times: 3, ended: refused }]', null, 0],
    ['calls of another grant do not count', '[{ times: 3, grant: { id: other } }]', null, 0],
    ['an amount slides out of its window', '[{ args: { amount: 100 }, at: "2026-11-21T09:00:00Z" }, { args: { amount: 99 }, at: "2026-11-21T09:00:01Z" }]', null, 1],
    ['an amount over the limit asks for approval', '[{ args: { amount: 100 } }, { args: { amount: 50 } }]', 'approval_required', 0],
    ['calls that run fill a limit of calls at once', '[{ times: 2, ended: running }]', 'limit_exceeded', 0],
    ['calls that ended do not', '[{ times: 2 }]', null, 0],
  ])('keep counters: %s', (_what, history, reason, deniedBefore) => {
    expect(run(`  - { name: n, history: ${history}, call: {}, want: { effect: allow } }`)).toEqual([[reason === null, reason === null ? 'allow' : 'deny', reason, expect.any(String) as string, deniedBefore]]);
  });

  it.each([
    ['a mark binds while it is kept', '{ tool: read_mail, at: "2026-11-21T09:31:00Z" }', 'flow_denied'],
    ['a mark ends', '{ tool: read_mail, at: "2026-11-21T09:30:00Z" }', null],
    ['a call that came to nothing leaves none', '{ tool: read_mail, ended: refused }', null],
    ['another identity\'s does not bind', '{ tool: read_mail, identity: { id: other } }', null],
    ['calls of the session are counted, the denied too', '{ tool: unknown, times: 3 }', 'require_failed'],
    ['calls of another session are not', '{ tool: unknown, times: 3, session: { id: other } }', null],
  ])('keep marks and sessions: %s', (_what, earlier, reason) => {
    const [outcome] = run(`  - { name: n, history: [${earlier}], call: { tool: pay, identity: { groups: [finance] } }, want: { effect: allow } }`);
    expect(outcome?.[2]).toBe(reason);
  });

  it('take an identity that names no groups for one that is in none, as the gateway does', () => {
    const asking = aPolicy({ tools: { t: { require: [{ conditions: [{ not: { path: 'identity.groups', op: 'contains', value: 'out' } }] }] } } });
    const parsed = parsePolicyTests('version: "1"\ntests:\n  - {name: n, call: {tool: t}, want: {effect: allow}}\n  - {name: m, call: {tool: t, identity: {groups: [out]}}, want: {effect: deny}}');
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
    expect(runPolicyTests(asking, parsed.value).map(({ passed }) => passed)).toEqual([true, true]);
  });

  it('take YAML and JSON, numbers exact', () => {
    const parsed = parsePolicyTests('{"version":"1","tests":[{"name":"n","call":{"tool":"create_refund","args":{"amount":100.00000000000000000001}},"want":{"effect":"deny","reason":"rule_denied"}}]}');
    expect(parsed.ok && runPolicyTests(policy, parsed.value)[0]?.passed).toBe(true);
  });

  it('are refused with pointer and line where they are not understood', () => {
    const parsed = parsePolicyTests('version: "1"\ntests:\n  - name: n\n    call:\n      toll: x\n    want: { effect: maybe }\n  - call: { tool: t, at: yesterday, labels: { risk: Huge } }\n    want: { effect: deny }\n    history: [{ tool: t, at: "2026-01-05T12:00:00Z", times: 0, ended: badly }]\n');
    expect(!parsed.ok && parsed.refusal.map(({ line, code, pointer }) => `${line} ${code} ${pointer}`)).toEqual([
      '5 unknown_field /tests/0/call/toll',
      '4 missing_field /tests/0/call',
      '6 bad_value /tests/0/want/effect',
      '7 missing_field /tests/1',
      '7 bad_value /tests/1/call/at',
      '7 bad_value /tests/1/call/labels/risk',
      '9 bad_value /tests/1/history/0/times',
      '9 bad_value /tests/1/history/0/ended',
    ]);
  });

  it('are bounded', () => {
    const many = Array.from({ length: 101 }, (_, at) => `  - { name: n${at}, call: { tool: t }, history: [{ tool: t, times: 1000 }], want: { effect: deny } }`).join('\n');
    const parsed = parsePolicyTests(`version: "1"\ntests:\n${many}`);
    expect(!parsed.ok && parsed.refusal[0]).toMatchObject({ code: 'too_many', pointer: '/tests' });
  });
});
