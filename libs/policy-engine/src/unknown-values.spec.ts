import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decide } from './decide.js';
import { OPS } from './document.js';
import { aPolicy } from './testing/a-policy.js';
import { aToolCall } from './testing/a-tool-call.js';

const VALUES: Readonly<Record<string, unknown>> = {
  eq: 1, neq: 1, in: [1], not_in: [1], lt: 1, lte: 1, gt: 1, gte: 1, regex: '', contains: '', starts_with: '', ends_with: '', length_gt: 0, length_lt: 9, host_in: ['a.example'], host_not_in: ['a.example'], matches_schema: true,
};
/** Of a type that the operator says nothing about. */
const WRONG: readonly (readonly [op: string, value: unknown])[] = [
  ...['lt', 'lte', 'gt', 'gte', 'regex', 'contains', 'starts_with', 'ends_with', 'length_gt', 'length_lt', 'host_in', 'host_not_in'].map((op) => [op, true] as const),
  ...['regex', 'starts_with', 'ends_with', 'length_gt', 'contains'].map((op) => [op, 5] as const),
  ...['lt', 'lte', 'gt', 'gte'].map((op) => [op, '5'] as const),
  ...['host_in', 'host_not_in'].map((op) => [op, 'no url'] as const),
];
const missing = fc.tuple(fc.constantFrom(...OPS.filter((op) => op !== 'exists')), fc.constantFrom('args.gone', 'args.deep.gone', 'args.list[3]', 'args.list[*].gone', 'args.text.inner', 'identity.labels.gone', 'tool.category', 'session.calls', 'client.name'));
const unknowns = fc.oneof(
  missing.map(([op, path]): object => ({ path, op, value: VALUES[op] })),
  fc.constantFrom(...WRONG).map(([op, value]): object => ({ path: `args.${typeof value === 'string' ? 'text' : value === 5 ? 'number' : 'flag'}`, op, value: VALUES[op] })),
);
const { condition } = fc.letrec<{ condition: object }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 3, arbitrary: unknowns },
    { weight: 1, arbitrary: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })) },
    { weight: 1, arbitrary: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })) },
    { weight: 1, arbitrary: tie('condition').map((not) => ({ not })) },
  ),
}));
const call = aToolCall({ tool: 't', args: { deep: {}, list: [{}], text: '5', number: 5, flag: true }, client: { name: null } });
const comes = (rule: object): string => {
  const verdict = decide(aPolicy({ tools: { t: rule } }), call);
  return verdict.effect === 'allow' ? 'allowed' : verdict.reasonCode;
};

describe('what is missing or of another type is unknown, negated and grouped however', { timeout: 60_000 }, () => {
  it('and never helps the caller [policy/unknown-denies]', () => {
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 3 }), (conditions) => {
        expect(comes({ require: [{ conditions }] })).toBe('require_failed');
        expect(comes({ deny_if: [{ conditions, on_missing: 'deny' }] })).toBe('rule_denied');
        expect(comes({ approval: { if: conditions } })).toBe('approval_required');
        expect(comes({ deny_if: [{ conditions }] })).toBe('allowed');
      }),
      { numRuns: 500 },
    );
  });

  it('but to exists, which says yes or no', () => {
    for (const path of ['args.gone', 'args.deep.gone', 'args.list[3]', 'args.text.inner', 'identity.labels.gone', 'tool.category', 'client.name']) {
      expect(comes({ require: [{ conditions: [{ path, op: 'exists', value: false }, { not: { path, op: 'exists', value: true } }] }] })).toBe('allowed');
      expect(comes({ deny_if: [{ conditions: [{ path, op: 'exists', value: true }], on_missing: 'deny' }] })).toBe('allowed');
    }
  });
});
