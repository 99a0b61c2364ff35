import { branded, type EpochMs } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compilePolicy } from './compile-policy.js';
import { decide } from './decide.js';
import { explain } from './explain.js';
import { followsDefault, isListed } from './is-listed.js';
import { aPolicy, aPolicyDocument } from './testing/a-policy.js';
import { aToolCall } from './testing/a-tool-call.js';
import { arbitraryCall, arbitraryDocument } from './testing/arbitrary-policies.js';

const runs = { numRuns: 200 };

describe('deciding, whatever the policy and the call', { timeout: 60_000 }, () => {
  it('never throws, and explains the verdict it gives [policy/pure]', () => {
    fc.assert(
      fc.property(arbitraryDocument, arbitraryCall, (document, call) => {
        const policy = aPolicy(document);
        const verdict = decide(policy, call);
        const { verdict: explained, steps } = explain(policy, call);
        expect(explained).toEqual(verdict);
        const lookedAt = steps.map(({ ruleId }) => ruleId);
        if (verdict.effect === 'allow') return;
        if (verdict.approvals === undefined) expect(lookedAt.at(-1)).toBe(verdict.ruleId);
        else expect(lookedAt).toEqual(expect.arrayContaining(verdict.approvals.map(({ ruleId }) => ruleId)));
      }),
      runs,
    );
  });

  it('allows only listed tools, and charges each counter once', () => {
    fc.assert(
      fc.property(arbitraryDocument, arbitraryCall, (document, call) => {
        const policy = aPolicy(document);
        const verdict = decide(policy, call);
        if (!isListed(policy, call.tool, call.labels)) expect(verdict.effect).toBe('deny');
        if (verdict.effect === 'allow') expect(new Set(verdict.asks.map((ask) => ask.counter)).size).toBe(verdict.asks.length);
      }),
      runs,
    );
  });

  it('never lets a call that gives less pass a requirement it failed without exists', () => {
    const policy = aPolicy({ tools: { create_charge: { require: [{ conditions: [{ path: 'args.amount', op: 'neq', value: 5 }] }] } } });
    expect(decide(policy, aToolCall({ args: {} })).effect).toBe('deny');
  });
});

describe('a policy with patterns', () => {
  const policy = aPolicy({ tools: { create_charge: { deny_if: [{ conditions: [{ path: 'args.note', op: 'regex', value: 'a[ab]{200}[cd]' }] }] } } });

  it('denies with evaluation_error what would cost too much to search', () => {
    expect(decide(policy, aToolCall({ args: { note: 'ab'.repeat(100_000) } }))).toMatchObject({
      effect: 'deny',
      reasonCode: 'evaluation_error',
      ruleId: '/tools/create_charge/deny_if/args.note-regex',
    });
  });

  it('searches a text of ordinary length, call after call', () => {
    for (let round = 0; round < 50; round += 1) {
      expect(decide(policy, aToolCall({ args: { note: 'ab'.repeat(1_000) } })).effect).toBe('allow');
    }
  });
});

describe('compiling', () => {
  it('prepares the rules of all tools once, however many tools they bind', () => {
    const policy = aPolicy({ all_tools: { deny_if: [{ conditions: [{ path: 'args.note', op: 'regex', value: 'x{900}' }] }] }, tools: { a: {}, b: {} } });
    expect(policy.plans.get('a')?.denyIf[0]).toBe(policy.plans.get('b')?.denyIf[0]);
  });

  it('gives a plan that no holder can swap', () => {
    expect(Object.isFrozen(aPolicy({}))).toBe(true);
  });
});

describe('what a policy shows', () => {
  it('lists the tools it names, denied ones too, and never hidden ones [gateway/list-filtered]', () => {
    const policy = aPolicy({ hide: ['b*'], tools: { a: { action: 'deny' }, bee: {} } });
    expect(['a', 'bee', 'c', '__proto__'].filter((tool) => isListed(policy, tool))).toEqual(['a']);
  });

  it('lists every tool under default allow but the hidden', () => {
    const policy = aPolicy({ default: 'allow', hide: ['b*'], tools: { bee: {} } });
    expect(['a', 'bee', 'c'].filter((tool) => isListed(policy, tool))).toEqual(['a', 'c']);
  });

  it('says what other methods follow', () => {
    expect(followsDefault(aPolicy({}))).toBe('deny');
    expect(followsDefault(aPolicy({ default: 'allow' }))).toBe('allow');
  });
});

describe('an explanation', () => {
  const policy = compilePolicy(
    aPolicyDocument({
      tools: {
        create_charge: {
          deny_if: [{ conditions: [{ path: 'args.amount', op: 'gt', value: 100 }] }],
          require: [{ conditions: [{ path: 'args.currency', op: 'in', value: ['EUR'] }] }],
          limits: [{ counter: 'charges', window: 'minute', max: 30, scope: 'grant' }],
        },
      },
    }),
  );

  it('lists the rules looked at, in order, to the end of an allowed call', () => {
    expect(explain(policy, aToolCall({ args: { amount: 5, currency: 'EUR' } })).steps).toEqual([
      { ruleId: '/tools/create_charge', what: 'a rule names the tool', held: 'yes', conditions: [] },
      {
        ruleId: '/tools/create_charge/deny_if/args.amount-gt',
        what: 'deny if args.amount gt 100',
        held: 'no',
        conditions: [{ what: 'args.amount gt 100', held: 'no', saw: 'a number', of: [] }],
      },
      {
        ruleId: '/tools/create_charge/require/args.currency-in',
        what: 'require args.currency in ["EUR"]',
        held: 'yes',
        conditions: [{ what: 'args.currency in ["EUR"]', held: 'yes', saw: 'a text of 3 characters', of: [] }],
      },
      { ruleId: '/tools/create_charge/limits/charges', what: 'limit charges: 30 calls in a minute for each grant', held: 'yes', conditions: [] },
    ]);
  });

  it('stops at the rule that settled it, and shows no value of the call', () => {
    const { steps } = explain(policy, aToolCall({ args: { amount: 'sk_live_secret', currency: 'sk_live_secret' } }));
    expect(steps.map(({ held }) => held)).toEqual(['yes', 'unknown', 'no']);
    expect(JSON.stringify(steps)).not.toContain('sk_live_secret');
  });

  it('says that the default settled it', () => {
    expect(explain(policy, aToolCall({ tool: 'other' })).steps).toEqual([
      { ruleId: '(default deny)', what: 'no rule names the tool and the default is deny', held: 'yes', conditions: [] },
    ]);
  });
});

describe('a path', () => {
  it.each(['args.constructor', 'args.to.constructor', 'args.__proto__', 'args.to.toString', 'identity.labels.constructor'])(
    'reads only what the call gave, whatever the runtime gives every object: %s',
    (path) => {
      for (const condition of [{ path, op: 'exists', value: true }, { path, op: 'neq', value: 1 }]) {
        const policy = aPolicy({ tools: { t: { require: [{ conditions: [condition] }] } } });
        expect(decide(policy, aToolCall({ tool: 't', args: { to: {} } })).effect).toBe('deny');
      }
    },
  );

  it.each(['args.gone', 'args.to.gone', 'args.list[0]', 'args.list[*]'])('to nothing is unknown: %s', (path) => {
    const policy = aPolicy({ tools: { t: { deny_if: [{ conditions: [{ path, op: 'eq', value: 1 }] }] } } });
    expect(explain(policy, aToolCall({ tool: 't', args: { to: {}, list: [] } })).steps.at(-1)?.held).toBe('unknown');
  });
});

describe('time', () => {
  it('is read from the call, before 1970 and outside the calendar too', () => {
    const policy = aPolicy({ tools: { t: { require: [{ conditions: [{ path: 'time.date', op: 'neq', value: 'x' }, { path: 'time.hour', op: 'gte', value: 0 }] }], rate_limit: { max: 1, window: 60 } } } });
    expect(decide(policy, aToolCall({ tool: 't', atMs: branded<EpochMs>(-1) })).effect).toBe('allow');
    for (const atMs of [Number.NaN, 1e300, Number.NEGATIVE_INFINITY]) {
      expect(decide(policy, aToolCall({ tool: 't', atMs: branded<EpochMs>(atMs) })).effect).toBe('deny');
    }
  });
});
