import { describe, expect, it } from 'vitest';

import { explain } from './explain.js';
import { aPolicy } from './testing/a-policy.js';
import { aToolCall } from './testing/a-tool-call.js';
import type { ToolCall } from './verdict.js';

const a = (op: string, value: unknown) => ({ path: 'args.a', op, value });
const limit = { counter: 'c', window: 'minute', max: 2, increment_from: 'args.n' };
const flow = (marks: string, rest: object = {}) => ({ after: { name: ['read'], marks }, deny: { name: ['t'] }, ...rest });

/** The steps of an explanation, each as its rule, what it came to and its words. */
function steps(policy: object, about: Partial<ToolCall> = {}): readonly string[] {
  return explain(aPolicy(policy), aToolCall({ tool: 't', ...about })).steps.map(({ ruleId, held, what }) => `${ruleId} ${held}: ${what}`);
}

const named = '/tools/t yes: a rule names the tool';

describe('the way to a verdict', () => {
  it.each<[string, object, Partial<ToolCall>, readonly string[]]>([
    ['a hidden tool', { hide: ['t'], tools: { t: {} } }, {}, ['(hidden) yes: the tool is hidden']],
    ['a tool that nothing names', {}, {}, ['(default deny) yes: no rule names the tool and the default is deny']],
    ['a tool under the default', { default: 'allow' }, {}, ['(default allow) yes: no rule names the tool and the default is allow']],
    ['a tool of an allowed class', { select: [{ match: { name: ['t'] }, allow: true }] }, {}, ['/select/0 yes: a class that is allowed holds the tool']],
    ['a tool that is named', { tools: { t: {} } }, {}, [named]],
    ['a rule that always denies', { tools: { t: { deny_if: [{ conditions: [] }] } } }, {}, [named, '/tools/t/deny_if/0 yes: deny if always']],
    ['the first rule that denies', { tools: { t: { deny_if: [{ conditions: [a('eq', 1)] }, { conditions: [a('gt', 1)] }, { conditions: [a('gt', 0)] }] } } }, { args: { a: 2 } }, [named, '/tools/t/deny_if/args.a-eq no: deny if args.a eq 1', '/tools/t/deny_if/args.a-gt yes: deny if args.a gt 1']],
    ['the first requirement that is not met', { tools: { t: { require: [{ conditions: [a('gt', 0)] }, { conditions: [a('lt', 1), a('gte', 0)] }, { conditions: [] }] } } }, { args: { a: 2 } }, [named, '/tools/t/require/args.a-gt yes: require args.a gt 0', '/tools/t/require/1 no: require args.a lt 1 and args.a gte 0']],
    ['a requirement that cannot be told', { tools: { t: { require: [{ conditions: [a('gt', 0)] }] } } }, {}, [named, '/tools/t/require/args.a-gt unknown: require args.a gt 0']],
    ['a rule that fails', { tools: { t: { deny_if: [{ conditions: [{ cel: 'args.a.b == 1' }] }] } } }, { args: { a: 2 } }, [named, '/tools/t/deny_if/0 unknown: deny if cel "args.a.b == 1"']],
    ['an approval of every call', { tools: { t: { approval: {}, limits: [limit] } } }, { args: { n: 1 } }, [named, '/tools/t/approval yes: the call needs the approval of a person']],
    ['an approval that does not apply', { tools: { t: { approval: { if: [a('gt', 5)] }, limits: [limit] } } }, { args: { a: 1, n: 1 } }, [named, '/tools/t/approval no: the call needs the approval of a person if args.a gt 5', '/tools/t/limits/c yes: limit c: 2 of args.n in a minute for each grant']],
    ['an approval that cannot be told', { tools: { t: { approval: { if: [a('gt', 5)] }, limits: [limit] } } }, { args: { n: 1 } }, [named, '/tools/t/approval unknown: the call needs the approval of a person if args.a gt 5']],
    ['an approval that fails', { tools: { t: { approval: { if: [{ cel: 'args.a.b == 1' }] } } } }, { args: { a: 1 } }, [named, '/tools/t/approval unknown: the call needs the approval of a person if cel "args.a.b == 1"']],
    ['an approval that fails before another is looked at', { all_tools: { approval: {} }, tools: { t: { approval: { if: [{ cel: 'args.a.b == 1' }] } } } }, { args: { a: 1 } }, [named, '/tools/t/approval unknown: the call needs the approval of a person if cel "args.a.b == 1"']],
    ['limits that are all counted', { tools: { t: { limits: [limit, { ...limit, counter: 'd' }] } } }, { args: { n: 1 } }, [named, '/tools/t/limits/c yes: limit c: 2 of args.n in a minute for each grant', '/tools/t/limits/d yes: limit d: 2 of args.n in a minute for each grant']],
    ['the first limit that cannot be counted', { tools: { t: { limits: [{ ...limit, counter: 'b', increment_from: 'args.m' }, limit, { ...limit, counter: 'd' }] } } }, { args: { m: 1 } }, [named, '/tools/t/limits/b yes: limit b: 2 of args.m in a minute for each grant', '/tools/t/limits/c unknown: limit c: 2 of args.n in a minute for each grant']],
    ['a flow that denies', { tools: { t: { approval: {} } }, flows: [flow('x'), flow('y'), flow('z')] }, { marks: ['y'] }, [named, '/flows/0 no: deny after what marks the identity "x"', '/flows/1 yes: deny after what marks the identity "y"']],
    ['flows that an approval lifts', { tools: { t: {} }, flows: [flow('x', { unless: 'approval' }), flow('y')] }, { marks: ['x'] }, [named, '/flows/1 no: deny after what marks the identity "y"', '/flows/0 yes: ask a person after what marks the identity "x"']],
    ['flows that do not bind', { tools: { t: { limits: [limit] } }, flows: [flow('x', { unless: 'approval' })] }, { args: { n: 1 } }, [named, '/flows/0 no: ask a person after what marks the identity "x"', '/tools/t/limits/c yes: limit c: 2 of args.n in a minute for each grant']],
  ])('of %s', (_what, policy, about, told) => {
    expect(steps(policy, about)).toEqual(told);
  });
});
