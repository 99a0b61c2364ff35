import { describe, expect, it } from 'vitest';

import { Compilation } from '../conditions/compilation.js';
import { MAX_STEPS } from '../conditions/truth.js';
import { compilePattern, PatternCache } from '../conditions/pattern.js';
import { readJson } from '../parse/read-json.js';
import { aToolCall } from '../testing/a-tool-call.js';
import type { ToolCall } from '../verdict.js';
import { celCost } from './cel-cost.js';
import { checkCel } from './check-cel.js';
import { compileCel } from './compile-cel.js';

const patterns = (pattern: string): string | undefined => {
  const compiled = compilePattern(pattern);
  return compiled.ok ? undefined : compiled.refusal;
};
const check = (source: string): string | undefined => {
  const checked = checkCel(source, patterns);
  return checked.ok ? undefined : checked.refusal;
};
const args = (text: string): ToolCall['args'] => {
  const read = readJson(text);
  if (!read.ok) throw new Error('the arguments of this test are not JSON');
  return read.value as ToolCall['args'];
};
const evaluate = (source: string, about: Partial<ToolCall> = {}, stepsLeft = MAX_STEPS): string => compileCel(source, new Compilation())(aToolCall(about), { stepsLeft });

describe('a CEL expression', () => {
  it.each([
    ['args.amount <= 100', '{"amount":100}', 'yes'],
    ['args.amount <= 100', '{"amount":100.01}', 'no'],
    ['args.amount == 100', '{"amount":100.0}', 'yes'],
    ['args.amount + 0.5 == 1.5', '{"amount":1}', 'yes'],
    ['args.id == 9007199254740993', '{"id":9007199254740993}', 'yes'],
    ['args.id == 9007199254740993', '{"id":9007199254740992}', 'no'],
    ['has(args.note) && args.note == "x"', '{}', 'no'],
    ['args.items.all(i, i.price < 10)', '{"items":[{"price":1},{"price":9}]}', 'yes'],
    ['args.items.all(i, i.price < 10)', '{"items":[{"price":1},{"price":10}]}', 'no'],
    ['args.items.exists(i, "x" in i.tags)', '{"items":[{"tags":["y"]},{"tags":["x"]}]}', 'yes'],
    ['args.items.map(i, i.price).exists(p, p > 5)', '{"items":[{"price":6}]}', 'yes'],
    ['size(args.items.filter(i, i > 1)) == 2', '{"items":[1,2,3]}', 'yes'],
    ['args.to.endsWith("@example.org")', '{"to":"a@example.org"}', 'yes'],
    ['args.to.matches("^[a-z]+@")', '{"to":"ada@example.org"}', 'yes'],
    ['args.list[0] == null', '{"list":[null]}', 'yes'],
    ['args["a.b"] == true', '{"a.b":true}', 'yes'],
  ])('%s of %s: %s', (source, text, truth) => {
    expect(check(source)).toBeUndefined();
    expect(evaluate(source, { args: args(text) })).toBe(truth);
  });

  it.each([
    'size(args.t) == 3', 'args.t.contains("b")', 'args.t.startsWith("a")', 'args.t.endsWith("c")', 'args.t.matches("^a.c$")', 'int(args.n) == 2', 'uint(args.n) == 2u',
    'double("2") == args.n', 'bool("true")', 'string(int(args.n)) == "2"', 'bytes(args.t) == b"abc"', 'type(args.t) == string', 'dyn(args.n) == 2', 'args.n - 1.0 == 1.0',
    'args.n * 2.0 == 4.0', 'args.n / 2.0 == 1.0', 'int(args.n) % 2 == 0', '-args.n == -2.0', '!(args.n != 2)', 'args.n >= 2 && args.n > 1 || false', 'args.n < 3 ? true : false',
    'duration("60s") == duration("1m")', 'timestamp(args.at).getFullYear() == 2025', 'timestamp(args.at).getMonth() == 9', 'timestamp(args.at).getDate() == 9',
    'timestamp(args.at).getDayOfMonth() == 8', 'timestamp(args.at).getDayOfWeek() == 4', 'timestamp(args.at).getDayOfYear() == 281', 'timestamp(args.at).getHours() == 8',
    'timestamp(args.at).getMinutes() == 53', 'timestamp(args.at).getSeconds() == 20', 'timestamp(args.at).getMilliseconds() == 250', 'args.t in ["abc"]', 'args.m["k"] == "v"',
    'type(1) == int && type(1u) == uint && type(1.0) == double && type(true) == bool && type(b"") == bytes && type([]) == list && type({}) == map && type(null) == null_type && type(int) == type',
    'args.l.exists_one(x, x == 2.0)',
  ])('has the standard functions: %s', (source) => {
    expect(check(source)).toBeUndefined();
    expect(evaluate(source, { args: args('{"t":"abc","n":2,"at":"2025-10-09T08:53:20.250Z","m":{"k":"v"},"l":[1,2]}') })).toBe('yes');
  });

  it('knows the facts of a call by the names of paths', () => {
    const source =
      "identity.labels.team == 'billing' && 'ops' in identity.groups && grant.id == 'grant-1' && server.slug == 'billing' && tool.name == 't' && tool.category == 'Write' && client.name == 'probe' && time.hour == 8 && time.weekday == 'thursday' && time.date == '2025-10-09' && session.calls == 3 && tool.annotations.destructiveHint == false && !has(tool.risk)";
    expect(check(source)).toBeUndefined();
    const about: Partial<ToolCall> = {
      tool: 't',
      identity: { id: 'i', kind: 'agent', name: 'n', labels: { team: 'billing' }, groups: ['ops'] },
      labels: { category: 'Write', risk: null, annotations: { destructiveHint: false } },
      session: { id: 's', calls: 3 },
    };
    expect(evaluate(source, about)).toBe('yes');
  });

  it.each(['args.gone > 1', 'args.text > 1', '1 / args.none == 1', 'args.text', 'int(args.text) == 1', 'args.list[5] == 1'])('is an error, never an answer, when it cannot be evaluated: %s', (source) => {
    expect(evaluate(source, { args: args('{"text":"t","none":0,"list":[]}') })).toBe('error');
  });

  it.each([
    ['', /cannot be read|not a CEL/],
    ['args.a ==', /line 1, column/],
    ['arg.a == 1', /no "arg"/],
    ['google.protobuf.Timestamp{} == args.t', /cannot be made|no "google"/],
    ['now() > 1', /no function "now"/],
    ['args.a.matches(args.b)', /written out/],
    ['args.a.matches("(?=x)")', /linear-time dialect/],
    ['args.a.matches("(a{100}){100}")', /too large/],
    ['1 + 1', /never true or false/],
    ['"text"', /never true or false/],
    ['[true]', /never true or false/],
    ['size(args.a)', /never true or false/],
    [`${'('.repeat(40)}true${')'.repeat(40)}`, /nested at most 32/],
    [`${'!'.repeat(500)}args.a`, /nested at most 32/],
    ['args.a.all(a, a.all(b, b.all(c, c.all(d, d.all(e, e)))))', /at most 4 deep/],
    ['args.a.all(a, args.a.all(b, args.a.all(c, args.a.all(d, a == b && c == d))))', /costs more/],
    ['args.l.map(a, [a, a]).map(b, [b, b]).map(c, [c, c]).map(d, [d, d]).map(e, [e, e]) == args.x', /costs more/],
  ])('is refused with a reason: %s', (source, reason) => {
    expect(check(source)).toMatch(reason);
  });

  it('costs by what it may range over, and is an error beyond what the decision has left', () => {
    const many = args(JSON.stringify({ items: Array.from({ length: 2_000 }, (_, index) => index), text: 'x'.repeat(50_000) }));
    expect(evaluate('args.items.all(i, i >= 0.0)', { args: many })).toBe('yes');
    expect(evaluate('args.items.all(i, args.items.all(j, i + j >= 0.0))', { args: many })).toBe('error');
    expect(evaluate('args.items.all(i, i >= 0.0)', { args: many }, 1_000)).toBe('error');
    expect(evaluate('true', {}, 5)).toBe('error');
    expect(evaluate('true', {}, Number.NaN)).toBe('error');
  });

  it('is not charged for what it does not look at', () => {
    const source = 'args.items.all(i, args.items.all(j, i == j))';
    expect(evaluate(source, { args: args(JSON.stringify({ items: [1, 1, 1], text: 'x'.repeat(200_000) })) })).toBe('yes');
  });

  it('has a cost that grows with every part', () => {
    const cost = (source: string, count = 10): number => {
      const checked = checkCel(source, patterns);
      if (!checked.ok) throw new Error(checked.refusal);
      return celCost(checked.value, () => ({ size: count, count }), new PatternCache());
    };
    expect(cost('args.a == 1 && args.b == 2')).toBeGreaterThan(cost('args.a == 1'));
    expect(cost('args.a.all(x, x == 1)', 100)).toBeGreaterThanOrEqual(9 * cost('args.a.all(x, x == 1)', 10));
    expect(cost('args.a.all(x, args.a.all(y, x == y))', 100)).toBeGreaterThanOrEqual(50 * cost('args.a.all(x, args.a.all(y, x == y))', 10));
    expect(cost('args.a.map(x, x).map(x, x).exists(x, x == 1)', 100)).toBeGreaterThanOrEqual(30 * cost('args.a.map(x, x).map(x, x).exists(x, x == 1)', 10));
    expect(cost('args.a.matches("^[a-z]{50}$")')).toBeGreaterThan(10 * cost('args.a.matches("a")'));
  });
});
