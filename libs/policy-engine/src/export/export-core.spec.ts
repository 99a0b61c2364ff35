import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compilePolicy } from '../compile-policy.js';
import { decide } from '../decide.js';
import { parsePolicy } from '../parse/parse-policy.js';
import { aPolicyDocument } from '../testing/a-policy.js';
import { arbitraryCall } from '../testing/arbitrary-policies.js';
import { exportCorePolicy } from './export-core.js';

const exported = (source: object): unknown => {
  const written = exportCorePolicy(aPolicyDocument(source));
  return written.ok ? (JSON.parse(written.value) as unknown) : written.refusal.map((finding) => finding.pointer);
};
const x = (op: string, value: unknown) => ({ path: 'args.x', op, value });

const leaves = fc.oneof(
  fc.tuple(fc.constantFrom('eq', 'neq', 'contains'), fc.constantFrom<(string | number | null)[]>(0, 100, 'a', 'admin', null)),
  fc.tuple(fc.constantFrom('in', 'not_in'), fc.array(fc.constantFrom<(string | number)[]>(0, 100, 'a'), { maxLength: 2 })),
  fc.tuple(fc.constantFrom('lt', 'lte', 'gt', 'gte'), fc.integer({ min: -1, max: 150 })),
  fc.tuple(fc.constant('exists'), fc.boolean()),
);
const condition = fc.letrec<{ node: object }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.tuple(fc.constantFrom('amount', 'note', 'to.note', 'constructor'), leaves).map(([name, [op, value]]) => ({ path: `args.${name}`, op, value })),
    fc.array(tie('node'), { minLength: 1, maxLength: 2 }).map((any) => ({ any })),
    fc.array(tie('node'), { minLength: 1, maxLength: 2 }).map((all) => ({ all })),
    tie('node').map((not) => ({ not })),
  ),
})).node;
const elements = fc.array(fc.record({ conditions: fc.array(condition, { maxLength: 2 }) }), { maxLength: 2 });
const rule = fc.record({ require: elements, deny_if: elements, action: fc.constantFrom('allow', 'allow', 'deny'), limits: fc.constantFrom([], [{ counter: 'c', window: 'day', max: 3 }]) }, { requiredKeys: [] });
const arbitrarySource = fc.record({ default: fc.constantFrom('allow', 'deny'), hide: fc.constantFrom([], ['list'], ['*']), tools: fc.dictionary(fc.constantFrom('create_charge', 'list', 'toString'), rule, { maxKeys: 2 }) });

describe('the core form', () => {
  it('has short forms written out', () => {
    expect(exported({ tools: { t: { action: 'deny', reason: 'No.' }, u: { action: 'allow' } } })).toMatchObject({
      tools: { t: { deny_if: [{ conditions: [], on_deny: 'No.' }] }, u: { require: [], deny_if: [], limits: [] } },
    });
  });

  it('has an element for each alternative of a deny_if', () => {
    const conditions = [{ any: [x('gt', 1), { all: [x('lt', 0), { not: x('eq', -5) }] }] }, x('exists', true)];
    expect(exported({ tools: { t: { deny_if: [{ conditions, on_deny: 'No.' }] } } })).toMatchObject({
      tools: {
        t: {
          deny_if: [
            { conditions: [x('gt', 1), x('exists', true)], on_deny: 'No.' },
            { conditions: [x('lt', 0), x('neq', -5), x('exists', true)], on_deny: 'No.' },
          ],
        },
      },
    });
  });

  it('has what a negated group requires as conditions', () => {
    expect(exported({ tools: { t: { require: [{ conditions: [{ not: { any: [x('gt', 1), x('exists', false)] } }] }] } } })).toMatchObject({
      tools: { t: { require: [{ conditions: [x('lte', 1), x('exists', true)] }] } },
    });
  });

  it.each([
    [{ tools: { t: { require: [{ conditions: [{ any: [x('gt', 1), x('lt', 0)] }] }] } } }, ['/tools/t/require/0/conditions/0']],
    [{ tools: { t: { deny_if: [{ conditions: [{ not: x('regex', 'a') }] }] } } }, ['/tools/t/deny_if/0/conditions/0/not/op']],
    [{ tools: { t: { deny_if: [{ conditions: [x('starts_with', 'a')] }] } } }, ['/tools/t/deny_if/0/conditions/0/op']],
    [{ tools: { t: { deny_if: [{ conditions: [{ path: 'identity.name', op: 'eq', value: 'a' }] }] } } }, ['/tools/t/deny_if/0/conditions/0/path']],
    [{ tools: { t: { deny_if: [{ conditions: [x('gt', 1)], on_missing: 'deny' }] } } }, ['/tools/t/deny_if/0/on_missing']],
    [{ tools: { t: { rate_limit: { max: 1, window: 60 }, action: 'require_approval', record: 'full', response: { max_bytes: 1 } } } }, ['/tools/t/response', '/tools/t/record', '/tools/t/action', '/tools/t/rate_limit']],
    [{ tools: { t: { limits: [{ counter: 'c', window: 60, max: 1, scope: 'session', class: 'soft' }] } } }, ['/tools/t/limits/0/scope', '/tools/t/limits/0/class', '/tools/t/limits/0/window']],
    [{ all_tools: { deny_if: [{ conditions: [] }] }, mode: 'shadow', hide: ['a*'], timezone: 'Europe/Paris' }, ['/mode', '/hide/0', '/timezone', '/all_tools/deny_if']],
    [{ select: [{ match: { risk: ['High'] }, action: 'deny' }] }, ['/select']],
    [{ flows: [{ after: { category: ['Read'], marks: 'm' }, deny: { category: ['Execute'] } }] }, ['/flows']],
  ])('is refused for %j, with pointers', (source, pointers) => {
    expect(exported(source)).toEqual(pointers);
  });

  it('decides every call as before', () => {
    let [policies, compared] = [0, 0];
    fc.assert(
      fc.property(arbitrarySource, fc.array(arbitraryCall, { minLength: 1, maxLength: 6 }), (source, calls) => {
        policies += 1;
        const document = aPolicyDocument(source);
        const written = exportCorePolicy(document);
        if (!written.ok) return;
        const again = parsePolicy(written.value);
        if (!again.ok) throw new Error(JSON.stringify(again.refusal));
        const [before, after] = [compilePolicy(document), compilePolicy(again.value)];
        for (const call of calls) {
          const [one, other] = [decide(before, call), decide(after, call)];
          expect([other.effect, other.effect === 'allow' && other.asks.map((ask) => ask.counter)]).toEqual([one.effect, one.effect === 'allow' && one.asks.map((ask) => ask.counter)]);
          compared += 1;
        }
      }),
      { numRuns: 300 },
    );
    expect(compared).toBeGreaterThan(policies / 4);
  });
});
