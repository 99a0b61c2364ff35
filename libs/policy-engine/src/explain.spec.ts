import { describe, expect, it } from 'vitest';

import { explain } from './explain.js';
import { aPolicy } from './testing/a-policy.js';
import { aToolCall } from './testing/a-tool-call.js';
import type { ToolCall } from './verdict.js';

const policy = aPolicy({
  select: [{ match: { category: ['Write'] }, allow: true, require: [{ conditions: [{ any: [{ path: 'args.to', op: 'ends_with', value: '@example.org' }, { not: { path: 'args.items[*].price', op: 'gt', value: 5 } }] }, { cel: 'args.amount < 9.0' }] }] }],
  all_tools: { approval: { if: [{ path: 'identity.name', op: 'eq', value: 'ci-runner' }, { path: 'args.amount', op: 'gt', value: 5 }] } },
  flows: [
    { after: { name: ['read'], marks: 'seen' }, deny: { name: ['send'] }, unless: 'approval' },
    { after: { name: ['read'], marks: 'tainted' }, deny: { name: ['send'] } },
  ],
});
const send = (about: Partial<ToolCall>): ToolCall => aToolCall({ tool: 'send', labels: { category: 'Write', risk: null, annotations: {} }, ...about });
const told = (about: Partial<ToolCall>, reveals = false) => explain(policy, send(about), reveals).steps;

describe('an explanation of the whole language', () => {
  it('tells the types and sizes of arguments, and what groups and negations made of them', () => {
    const items = Array.from({ length: 7 }, (_, price) => ({ price }));
    expect(told({ args: { to: 'a@b.c', items, amount: 1 } })).toEqual([
      { ruleId: '/select/0', what: 'a class that is allowed holds the tool', held: 'yes', conditions: [] },
      {
        ruleId: '/select/0/require/0',
        what: 'require (args.to ends_with "@example.org" or not (args.items[*].price gt 5)) and cel "args.amount < 9.0"',
        held: 'no',
        conditions: [
          {
            what: '(args.to ends_with "@example.org" or not (args.items[*].price gt 5))',
            held: 'no',
            saw: null,
            of: [
              { what: 'args.to ends_with "@example.org"', held: 'no', saw: 'a text of 5 characters', of: [] },
              {
                what: 'not (args.items[*].price gt 5)',
                held: 'no',
                saw: null,
                of: [{ what: 'args.items[*].price gt 5', held: 'yes', saw: 'a number, a number, a number, a number, a number and 2 more', of: [] }],
              },
            ],
          },
          { what: 'cel "args.amount < 9.0"', held: 'yes', saw: null, of: [] },
        ],
      },
    ]);
  });

  it('shows values to a reader who may see them, cut when they are long', () => {
    const [, step] = told({ args: { to: 'x'.repeat(100), items: [{ price: 9 }] } }, true);
    expect(step?.conditions[0]?.of.map(({ saw }) => saw)).toEqual([`"${'x'.repeat(79)}…`, null]);
    expect(step?.conditions[0]?.of[1]?.of[0]?.saw).toBe('9');
  });

  it('names every kind of value, and what is missing', () => {
    const saw = (to: ToolCall['args'][string]): string | null | undefined => told({ args: { to, items: [] } })[1]?.conditions[0]?.of[0]?.saw;
    expect([undefined, null, 5, true, 'a', [1, 2], { a: 1 }].map(saw)).toEqual([
      'nothing', 'null', 'a number', 'true or false', 'a text of 1 characters', 'a list of 2 elements', 'an object of 1 members',
    ]);
    expect(told({ args: { items: [] } })[1]?.conditions[0]?.of[1]?.of[0]?.saw).toBe('an empty list');
  });

  it('stops at the flow that denies', () => {
    const steps = told({ args: { to: 'a@example.org', amount: 1 }, marks: ['tainted', 'seen'] });
    expect(steps.map(({ ruleId, held, what }) => `${ruleId} ${held} ${what}`).slice(2)).toEqual(['/flows/1 yes deny after what marks the identity "tainted"']);
  });

  it('goes through the flows and approvals that ask for a person, and shows facts that are no arguments', () => {
    const steps = told({ args: { to: 'a@example.org', amount: 1 }, marks: ['seen'] });
    expect(steps.slice(2)).toEqual([
      { ruleId: '/flows/1', what: 'deny after what marks the identity "tainted"', held: 'no', conditions: [] },
      { ruleId: '/flows/0', what: 'ask a person after what marks the identity "seen"', held: 'yes', conditions: [] },
      {
        ruleId: '/all_tools/approval',
        what: 'the call needs the approval of a person if identity.name eq "ci-runner" and args.amount gt 5',
        held: 'no',
        conditions: [
          { what: 'identity.name eq "ci-runner"', held: 'yes', saw: '"ci-runner"', of: [] },
          { what: 'args.amount gt 5', held: 'no', saw: 'a number', of: [] },
        ],
      },
    ]);
  });
});
