import { describe, expect, it } from 'vitest';

import { decide } from '../decide.js';
import { aPolicy } from '../testing/a-policy.js';
import { aToolCall } from '../testing/a-tool-call.js';
import { compareVerdicts } from './compare-verdicts.js';

const verdictUnder = (rule: object): ReturnType<typeof decide> => decide(aPolicy({ tools: { pay: rule } }), aToolCall({ tool: 'pay', args: { secret: 'sk_live' } }));
const [allowed, asked, denied, unmet] = [
  verdictUnder({}),
  verdictUnder({ action: 'require_approval' }),
  verdictUnder({ action: 'deny' }),
  verdictUnder({ require: [{ conditions: [{ path: 'args.secret', op: 'eq', value: 'x' }] }] }),
];

describe('a verdict in shadow', () => {
  it.each([
    ['agrees', allowed, allowed],
    ['agrees', denied, denied],
    ['stricter', allowed, denied],
    ['stricter', allowed, asked],
    ['stricter', asked, denied],
    ['looser', denied, allowed],
    ['looser', denied, asked],
    ['looser', asked, allowed],
    ['other_reason', denied, unmet],
  ] as const)('%s', (relation, enforced, shadow) => {
    expect(compareVerdicts(enforced, shadow).relation).toBe(relation);
  });

  it('agrees by whatever rule, and costs no new value then', () => {
    const limited = verdictUnder({ limits: [{ counter: 'c', window: 'minute', max: 1 }] });
    expect(compareVerdicts(allowed, limited)).toBe(compareVerdicts(denied, denied));
  });

  it('tells the rules of both and no value of the call', () => {
    const comparison = compareVerdicts(denied, unmet);
    expect(comparison).toEqual({
      relation: 'other_reason',
      enforced: { effect: 'deny', ruleId: '/tools/pay/deny_if/0', reasonCode: 'rule_denied' },
      shadow: { effect: 'deny', ruleId: '/tools/pay/require/args.secret-eq', reasonCode: 'require_failed' },
    });
    expect(JSON.stringify(comparison)).not.toContain('sk_live');
  });
});
