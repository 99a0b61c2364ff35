import { describe, expect, it } from 'vitest';

import type { PolicyFinding } from '../finding.js';
import { aPolicyDocument } from '../testing/a-policy.js';
import { parsePolicy } from './parse-policy.js';

const findings = (source: object | string): readonly PolicyFinding[] => {
  const parsed = parsePolicy(typeof source === 'string' ? source : JSON.stringify({ version: '1', default: 'deny', ...source }));
  return parsed.ok ? [] : parsed.refusal;
};
const brief = (source: object | string): readonly string[] => findings(source).map(({ code, pointer }) => `${code} ${pointer}`);
const rule = (of: object): object => ({ tools: { t: of } });
const condition = (of: object): object => rule({ require: [{ conditions: [{ path: 'args.a', op: 'eq', value: 1, ...of }] }] });
const limit = (of: object): object => rule({ limits: [{ counter: 'c', window: 'minute', max: 1, scope: 'grant', ...of }] });
const AT = '/tools/t/require/0/conditions/0';

describe('a policy document', () => {
  it('needs its version and its default', () => {
    expect(brief('{}')).toEqual(['missing_field ', 'missing_field ']);
    expect(brief({ version: '2' })).toEqual(['bad_value /version']);
    expect(brief({ version: 1 })).toEqual(['bad_value /version']);
    expect(brief({ default: 'Deny' })).toEqual(['bad_value /default']);
  });

  it('may be an object only', () => {
    for (const text of ['[]', 'null', '"x"', '1', '12345678901234567890']) expect(brief(text)).toEqual(['bad_type ']);
  });

  it('offers the field that was meant', () => {
    expect(findings({ tool: {} })).toEqual([
      { severity: 'error', code: 'unknown_field', pointer: '/tool', message: 'There is no field "tool" here.', fix: 'Did you mean "tools"?' },
    ]);
    expect(findings(rule({ denyif: [] }))[0]?.fix).toBe('Did you mean "deny_if"?');
    expect(findings(condition({ op: 'neqq' }))[0]?.fix).toBe('Did you mean "neq"?');
    expect(findings(condition({ path: 'identity.nam' }))[0]?.fix).toBe('Did you mean "identity.name"?');
    expect(findings({ zzzzzz: 1 })[0]?.fix).toBeUndefined();
  });

  it('collects what is wrong everywhere, with real pointers', () => {
    expect(brief({ hide: 'x', all_tools: 5, tools: { 'a/b': { deny_if: [{ conditions: [{ path: 'nope', op: 'is', value: 1 }], extra: 1 }] }, t: [] } })).toEqual([
      'bad_type /hide',
      'bad_type /all_tools',
      'unknown_field /tools/a~1b/deny_if/0/extra',
      'bad_path /tools/a~1b/deny_if/0/conditions/0/path',
      'unknown_op /tools/a~1b/deny_if/0/conditions/0/op',
      'bad_type /tools/t',
    ]);
  });

  it('reports at most 100 errors', () => {
    expect(findings({ hide: Array.from({ length: 1_000 }, () => 5) })).toHaveLength(100);
  });

  it.each([
    [{ select: [{ allow: true }] }, 'missing_field /select/0'],
    [{ select: [{ match: {} }] }, 'missing_field /select/0/match'],
    [{ select: [{ match: { name: [] } }] }, 'bad_value /select/0/match/name'],
    [{ select: [{ match: { category: ['Reed'] } }] }, 'bad_value /select/0/match/category/0'],
    [{ select: [{ match: { risk: 'High' } }] }, 'bad_type /select/0/match/risk'],
    [{ select: [{ match: { annotations: {} } }] }, 'bad_value /select/0/match/annotations'],
    [{ select: [{ match: { annotations: { readOnlyHint: 1 } } }] }, 'bad_type /select/0/match/annotations/readOnlyHint'],
    [{ select: [{ match: { name: ['a'] }, allow: 'yes' }] }, 'bad_type /select/0/allow'],
    [{ select: [{ match: { name: ['a'], server: ['s'] } }] }, 'unknown_field /select/0/match/server'],
    [{ select: [{ match: { name: ['a'] }, zz: 1 }] }, 'unknown_field /select/0/zz'],
    [{ flows: [{ after: { name: ['a'] }, deny: { name: ['b'] } }] }, 'missing_field /flows/0/after'],
    [{ flows: [{ after: { name: ['a'], marks: 'm' } }] }, 'missing_field /flows/0'],
    [{ flows: [{ after: { name: ['a'], marks: 'm' }, deny: {} }] }, 'missing_field /flows/0/deny'],
    [{ flows: [{ after: { name: ['a'], marks: 'm' }, deny: { server: ['s'] }, within: '1w' }] }, 'bad_value /flows/0/within'],
    [{ flows: [{ after: { name: ['a'], marks: 'm' }, deny: { server: ['s'] }, unless: 'never' }] }, 'bad_value /flows/0/unless'],
    [{ timezone: 'Europe/Atlantis' }, 'bad_value /timezone'],
    [{ timezone: '+01:00' }, 'bad_value /timezone'],
    [rule({ approval: { quorum: 0 } }), 'bad_value /tools/t/approval/quorum'],
    [rule({ approval: { approvers: ['security'] } }), 'bad_value /tools/t/approval/approvers/0'],
    [rule({ approval: { expires_in: '10 minutes' } }), 'bad_value /tools/t/approval/expires_in'],
    [rule({ approval: { hold: '11m' } }), 'bad_value /tools/t/approval/hold'],
    [rule({ approval: {}, action: 'require_approval' }), 'bad_value /tools/t/action'],
    [rule({ response: { redact: [{ action: 'mask' }] } }), 'bad_value /tools/t/response/redact/0'],
    [rule({ response: { redact: [{ detector: 'phone', action: 'mask' }] } }), 'bad_value /tools/t/response/redact/0/detector'],
    [rule({ response: { redact: [{ path: 'args.a', action: 'mask' }] } }), 'bad_value /tools/t/response/redact/0/path'],
    [rule({ response: { redact: [{ path: 'structuredContent.a' }] } }), 'missing_field /tools/t/response/redact/0'],
    [rule({ response: { max_bytes: 0 } }), 'bad_value /tools/t/response/max_bytes'],
    [condition({ path: 'structuredContent.a' }), `bad_path ${AT}/path`],
    [rule({ record: 'metadata' }), 'bad_value /tools/t/record'],
    [rule({ deny_if: [{ conditions: [], on_missing: 'ignore' }] }), 'bad_value /tools/t/deny_if/0/on_missing'],
    [rule({ require: [{ conditions: [{ any: [] }] }] }), `bad_value ${AT}/any`],
    [rule({ require: [{ conditions: [{ all: {} }] }] }), `bad_type ${AT}/all`],
    [rule({ require: [{ conditions: [{ not: [] }] }] }), `bad_type ${AT}/not`],
    [rule({ require: [{ conditions: [{ any: [{ not: { path: 'x', op: 'eq', value: 1 } }] }] }] }), `bad_path ${AT}/any/0/not/path`],
    [rule({ require: [{ conditions: [{ any: [{ cel: 'true' }], all: [{ cel: 'true' }] }] }] }), `unknown_field ${AT}/all`],
    [condition({ op: 'starts_with', value: 1 }), `bad_type ${AT}/value`],
    [condition({ op: 'length_gt', value: '1' }), `bad_type ${AT}/value`],
    [condition({ op: 'host_in', value: 'example.org' }), `bad_type ${AT}/value`],
    [condition({ op: 'host_in', value: ['https://example.org'] }), `bad_value ${AT}/value/0`],
    [condition({ op: 'host_not_in', value: ['*.example.org'] }), `bad_value ${AT}/value/0`],
    [condition({ op: 'matches_schema', value: [] }), `bad_type ${AT}/value`],
    [limit({ algorithm: 'leaky' }), 'bad_value /tools/t/limits/0/algorithm'],
    [limit({ window: 'week' }), 'bad_window /tools/t/limits/0/window'],
    [limit({ window: 'month', algorithm: 'sliding' }), 'bad_window /tools/t/limits/0/window'],
    [limit({ window: 'concurrent', algorithm: 'sliding' }), 'bad_value /tools/t/limits/0/algorithm'],
    [limit({ window: 'concurrent', increment_from: 'args.a' }), 'bad_value /tools/t/limits/0/increment_from'],
    [limit({ window: 'concurrent', count: 'success' }), 'bad_value /tools/t/limits/0/count'],
    [limit({ scope: 'team' }), 'bad_value /tools/t/limits/0/scope'],
    [limit({ scope: 'argument:a' }), 'bad_path /tools/t/limits/0/scope'],
    [limit({ scope: 'argument:args.a[*]' }), 'bad_path /tools/t/limits/0/scope'],
    [limit({ scope: 'argument:identity.name' }), 'bad_path /tools/t/limits/0/scope'],
    [{ tools: { 'd\u0435lete_account': {} } }, 'bad_name /tools/d\u0435lete_account'],
    [{ hide: ['delete\u200b_account'] }, 'bad_name /hide/0'],
    [{ select: [{ match: { name: ['\uff41dmin_*'] } }] }, 'bad_name /select/0/match/name/0'],
  ])('refuses what means nothing, where it stands: %j', (source, finding) => {
    expect(brief(source)).toEqual([finding]);
  });

  it.each([
    [condition({ op: 'lt', value: '5' }), 'bad_type'],
    [condition({ op: 'gte', value: null }), 'bad_type'],
    [condition({ op: 'in', value: 'a' }), 'bad_type'],
    [condition({ op: 'not_in', value: { a: 1 } }), 'bad_type'],
    [condition({ op: 'exists', value: 'yes' }), 'bad_type'],
    [condition({ op: 'regex', value: 5 }), 'bad_type'],
    [condition({ op: 'regex', value: '(?=a)' }), 'bad_regex'],
    [condition({ op: 'regex', value: '(a{100}){100}' }), 'bad_regex'],
    [condition({ op: 'regex', value: 'x'.repeat(257) }), 'bad_regex'],
    [condition({ op: 5 }), 'bad_type'],
    [condition({ path: 5 }), 'bad_type'],
    [condition({ value: undefined }), 'missing_field'],
    [condition({ path: undefined }), 'missing_field'],
    [condition({ op: undefined }), 'missing_field'],
    [rule({ require: [{}] }), 'missing_field'],
    [rule({ require: [5] }), 'bad_type'],
    [rule({ require: {} }), 'bad_type'],
    [rule({ action: 'block' }), 'bad_value'],
    [rule({ reason: 5 }), 'bad_type'],
    [rule({ deny_if: [{ conditions: [], on_deny: '' }] }), 'bad_value'],
    [rule({ rate_limit: { max: 5 } }), 'missing_field'],
    [rule({ rate_limit: { max: 5, window: 'minute' } }), 'bad_window'],
    [limit({ counter: '' }), 'bad_value'],
    [limit({ counter: undefined }), 'missing_field'],
    [limit({ window: 'week' }), 'bad_window'],
    [limit({ window: 0 }), 'bad_window'],
    [limit({ window: 1.5 }), 'bad_window'],
    [limit({ window: 1e9 }), 'bad_window'],
    [limit({ max: -1 }), 'bad_value'],
    [limit({ max: '30' }), 'bad_type'],
    [limit({ max: null }), 'bad_type'],
    [limit({ scope: 'everyone' }), 'bad_value'],
    [limit({ increment_from: 'identity.id' }), 'bad_path'],
    [limit({ increment_from: 'args.items[*].price' }), 'bad_path'],
    [{ mode: 'test' }, 'bad_value'],
    [{ description: 5 }, 'bad_type'],
    [{ hide: [''] }, 'bad_value'],
    [{ tools: { '': {} } }, 'bad_value'],
    [{ tools: [] }, 'bad_type'],
  ])('refuses %j', (source, code) => {
    expect(findings(source).map((finding) => finding.code)).toEqual([code]);
  });

  it.each(['args', 'args.', 'args..a', 'args.a.', 'args[0]', 'args.a[-1]', 'args.a[01]', 'args.a[]', 'args.a[x]', 'args.a[0', 'arg.a', 'identity', 'identity.labels', 'identity.labels.', 'grant', 'time', '', 'ARGS.a', `args.${'a'.repeat(600)}`])(
    'refuses the path %j',
    (path) => {
      expect(brief(condition({ path }))).toEqual([`bad_path ${AT}/path`]);
    },
  );

  it.each(['a', '/~2', ''])('refuses the pointer %j', (pointer) => {
    expect(findings(condition({ path: { pointer } }))).toHaveLength(1);
  });

  it('refuses one counter with two settings, wherever they stand', () => {
    const of = (about: object): object => ({ limits: [{ counter: 'c', window: 'minute', max: 1, ...about }] });
    for (const other of [{ max: 2 }, { window: 'hour' }, { scope: 'session' }, { increment_from: 'args.a' }]) {
      expect(brief({ all_tools: of({}), tools: { t: of(other) } })).toEqual(['duplicate_counter /tools/t/limits/0']);
    }
    expect(brief({ all_tools: of({ max: 1.0 }), tools: { t: of({ on_deny: 'Slow down.' }) } })).toEqual([]);
    expect(brief({ tools: { t: { ...of({ counter: 'rate_limit:t' }), rate_limit: { max: 1, window: 60 } } } })).toEqual(['duplicate_counter /tools/t/rate_limit']);
  });
});

describe('a hostile document', () => {
  const manyConditions = (count: number): object => ({ conditions: Array.from({ length: count }, () => ({})) });

  it('is refused by its size before it is read', () => {
    expect(brief(`{"version":"1",${' '.repeat(10_000_000)}}`)).toEqual(['too_large ']);
  });

  it('is refused for 100,000 conditions', () => {
    expect(brief(rule({ deny_if: [manyConditions(100_000)] }))).toEqual(['too_large ']);
    expect(brief(`{"version":"1","default":"deny","tools":{"t":{"deny_if":[{"conditions":[${'1,'.repeat(99_999)}1]}]}}}`)).toEqual(['too_many /tools/t']);
  });

  it('has at most 100 conditions in a rule, both lists together', () => {
    const good = { path: 'args.a', op: 'eq', value: 1 };
    const of = (count: number): object => ({ conditions: Array.from({ length: count }, () => good) });
    expect(brief(rule({ require: [of(50)], deny_if: [of(50)] }))).toEqual([]);
    expect(brief(rule({ require: [of(50)], deny_if: [of(51)] }))).toEqual(['too_many /tools/t']);
  });

  it('has at most 1,000 tools', () => {
    const tools = (count: number): object => ({ tools: Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, {}])) });
    expect(brief(tools(1_000))).toEqual([]);
    expect(brief(tools(1_001))).toEqual(['too_many /tools']);
  });

  it('may not be nested beyond 64 levels, in a value neither', () => {
    const nested = `${'['.repeat(100)}${']'.repeat(100)}`;
    expect(findings(`{"version":"1","default":"deny","tools":{"t":{"require":[{"conditions":[{"path":"args.a","op":"eq","value":${nested}}]}]}}}`)[0]?.code).toBe('too_deep');
  });

  it('pays for its patterns from one budget', () => {
    const conditions = Array.from({ length: 90 }, (_, index) => ({ path: 'args.a', op: 'regex', value: `x{900}${index}` }));
    expect(findings(rule({ deny_if: [{ conditions }] })).map(({ code }) => code)).toContain('bad_regex');
    const same = conditions.map((each) => ({ ...each, value: 'x{900}' }));
    expect(findings(rule({ deny_if: [{ conditions: same }] }))).toEqual([]);
  });

  it('may hold (a|aa)+$, which costs no more than its length', () => {
    expect(findings(condition({ op: 'regex', value: '(a|aa)+$' }))).toEqual([]);
  });
});

describe('a parsed document', () => {
  it('keeps what was written', () => {
    expect(aPolicyDocument({ description: 'Trial', mode: 'shadow', hide: ['a*'], tools: { t: { rate_limit: { max: 5, window: 60 }, action: 'allow' } } })).toEqual({
      version: '1',
      description: 'Trial',
      default: 'deny',
      mode: 'shadow',
      hide: ['a*'],
      select: [],
      flows: [],
      tools: new Map([['t', { require: [], denyIf: [], limits: [], action: 'allow', rateLimit: { max: { coefficient: 5n, scale: 0 }, windowSeconds: 60 } }]]),
    });
  });
});
