import type { JsonValue } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import type { Op } from '../document.js';
import { codePoints } from './code-points.js';
import { Compilation } from './compilation.js';
import { canonicalHost, hostOfUrl, isHostOf } from './host.js';
import { compileOperator } from './operators.js';
import { compilePattern, patternCost } from './pattern.js';
import type { Truth } from './truth.js';

type Operator = Exclude<Op, 'exists'>;
const truthOf = (op: Operator, operand: JsonValue, actual: JsonValue, stepsLeft = 1_000) => compileOperator(op, operand, new Compilation())(actual, { stepsLeft });

describe('an operator', () => {
  it.each<[Operator, JsonValue, readonly JsonValue[], readonly JsonValue[], readonly JsonValue[]]>([
    ['eq', 'a', ['a'], ['b', 5, null, ['a']], []],
    ['eq', 5, [5], [6, '5', true], []],
    ['eq', true, [true], [false, 'true', 1], []],
    ['eq', null, [null], [false, 0, 'null'], []],
    ['eq', { a: [1] }, [{ a: [1] }], [{ a: [2] }, {}], []],
    ['neq', 'a', ['b', 5], ['a'], []],
    ['in', ['a', 5, null, [1]], ['a', 5, null, [1]], ['b', '5', 6, [], true], []],
    ['in', [], [], ['a', 5, null], []],
    ['not_in', ['a', 5], ['b', '5', null], ['a', 5], []],
    ['lt', 5, [4, -1], [5, 6], ['4', null, [4]]],
    ['lte', 5, [4, 5], [6], ['4']],
    ['gt', 5, [6], [5, 4], ['6']],
    ['gte', 5, [6, 5], [4], ['6']],
    ['regex', '^a+$', ['a', 'aa'], ['b', 'ab'], [5, null, ['a']]],
    ['contains', 'b', ['abc', ['b', 5]], ['ac', ['abc'], []], [5, null, { b: 1 }]],
    ['contains', 5, [[5, 6]], [[6], ['5']], ['5', 5]],
    ['starts_with', 'ab', ['abc', 'ab'], ['a', 'cab'], [5, ['ab']]],
    ['ends_with', 'bc', ['abc'], ['ab', 'bca'], [5]],
    ['length_gt', 2, ['abc', [1, 2, 3], '\u{1f600}ab'], ['ab', '\u{1f600}a', [1]], [5, null, { a: 1, b: 2, c: 3 }]],
    ['length_lt', 2, ['a', '', [], '\u{1f600}'], ['ab', [1, 2]], [1, null]],
    ['host_in', ['a.org'], ['https://a.org/x', 'https://b.A.org:8443'], ['https://ba.org', 'https://org'], ['a.org', 5, '', 'mailto:x@a.org']],
    ['host_not_in', ['a.org'], ['https://ba.org'], ['https://b.a.org'], ['a.org', 5]],
    ['matches_schema', { type: 'string' }, ['a'], [5, null], []],
  ])('%s %j', (op, operand, holds, fails, unknown) => {
    const truths = (values: readonly JsonValue[]) => values.map((actual) => truthOf(op, operand, actual));
    expect([truths(holds), truths(fails), truths(unknown)]).toEqual([holds.map(() => 'yes'), fails.map(() => 'no'), unknown.map(() => 'unknown')]);
  });

  it.each<[Operator, JsonValue, Truth]>([
    ['in', 'a', 'unknown'], ['not_in', 'a', 'unknown'], ['lt', '5', 'unknown'], ['length_gt', 'x', 'unknown'], ['starts_with', 5, 'unknown'], ['ends_with', null, 'unknown'], ['regex', 5, 'error'], ['regex', '(', 'error'], ['host_in', 'a.org', 'no'], ['host_in', [5, 'a b', 'https://a.org'], 'no'], ['host_not_in', [5], 'yes'],
  ])('%s with %j, which no document has, is %s of any value', (op, operand, truth) => {
    expect(truthOf(op, operand, 'https://a.org')).toBe(truth);
  });

  it('fails where its steps run out, not before', () => {
    const { value } = compilePattern('a') as { readonly value: { readonly size: number } };
    expect([0, -1].map((left) => truthOf('regex', 'a', 'bbb', 3 * value.size + left))).toEqual(['no', 'error']);
    expect([0, 1].map((left) => truthOf('regex', 'a', '', left))).toEqual(['no', 'no']);
    const spent = { stepsLeft: 1_000 };
    compileOperator('matches_schema', { type: 'string' }, new Compilation())('a', spent);
    const cost = 1_000 - spent.stepsLeft;
    expect([0, -1].map((left) => truthOf('matches_schema', { type: 'string' }, 'a', cost + left))).toEqual(['yes', 'error']);
  });
});

describe('a pattern', () => {
  it.each([
    ['a{1001}', 'This is not a pattern of the linear-time dialect: invalid repeat count: `{1001}`.'],
    ['(?=a)', 'This is not a pattern of the linear-time dialect: invalid or unsupported Perl syntax: `(?=`.'],
    ['x'.repeat(257), 'A pattern has at most 256 characters.'],
    ['(a{100}){100}', 'This pattern grows too large; use fewer or smaller counted repeats and character classes.'],
    [`(?:${'a'.repeat(3)}){1000}b`, 'This pattern grows too large; use fewer or smaller counted repeats and character classes.'],
  ])('%s is refused by its fault', (text, said) => {
    expect(compilePattern(text)).toEqual({ ok: false, refusal: said });
  });

  it.each(['x'.repeat(256), '(aa){1000}', 'a*', ''])('%s is one', (text) => {
    expect(compilePattern(text).ok).toBe(true);
  });

  it.each([
    ['', 0], ['abc', 3], ['a{3}', 3], ['a{2,5}', 5], ['a{5,}', 5], ['a{10,20}', 20], ['a{0}', 0], ['a{3}{2}', 6], ['ab{3}', 4], ['(ab){3}', 6], ['(ab)c{3}', 5], ['x(ab){3}', 7], ['((a){2}b){3}', 9], ['(a)(bc){3}', 7], ['a)b', 2], ['a){3}', 3], ['[', 4], ['[ab]', 7], ['\\d', 1], ['\\\\', 1], ['\\', 4], ['\\pL', 32], ['\\PL', 32],
    ['\\p{Greek}x', 33], ['\\p{Greek}{2}', 64], ['[:alpha:]', 8], ['a{', 2], ['a{x}', 4], ['a{1,x}', 6], ['pL', 2], ['\n', 1], ['.{3}', 3],
  ])('%j costs %i', (text, cost) => {
    expect(patternCost(text)).toBe(cost);
  });
});

describe('a host', () => {
  it.each([
    ['A.org', 'a.org'], ['a.org.', 'a.org'], ['m\u00fcller.de', 'xn--mller-kva.de'], ['127.1', '127.0.0.1'], ['[::0001]', '[::1]'], ['0x7f.0.0.1', '127.0.0.1'], ['localhost', 'localhost'], ['.', undefined], ['', undefined], ['a.org:80', undefined], ['a.org/x', undefined], ['u@a.org', undefined], ['*.a.org', undefined], ['https://a.org', undefined], ['a b', undefined], ['::1', undefined], ['a..b', 'a..b'], ['256.0.0.1', undefined],
  ])('%s is %s', (text, host) => {
    expect(canonicalHost(text)).toBe(host);
  });

  it.each([
    ['https://A.org/x', 'a.org'], ['https://u:p@a.org:8443', 'a.org'], ['ftp://a.org', 'a.org'], ['custom://A.org/x', 'a.org'], ['https://a.org.', 'a.org'], ['mailto:x@a.org', undefined], ['file:///x', undefined], ['a.org', undefined], ['//a.org', undefined], ['', undefined], [`https://a.org/${'x'.repeat(8_178)}`, 'a.org'], [`https://a.org/${'x'.repeat(8_179)}`, undefined],
  ])('of %s is %s', (text, host) => {
    expect(hostOfUrl(text)).toBe(host);
  });

  it.each([
    ['a.org', true], ['b.a.org', true], ['c.b.a.org', true], ['ba.org', false], ['org', false], ['a.org.uk', false], ['127.0.0.1', true], ['10.0.0.1', false], ['[::1]', true], ['[::2]', false], ['.a.org', true],
  ])('%s is listed: %s', (host, isListed) => {
    expect(isHostOf(host, new Set(['a.org', '127.0.0.1', '0.0.1', '[::1]']))).toBe(isListed);
  });
});

describe('the length of a text', () => {
  it.each([['', 0], ['ab', 2], ['\uffff', 1], ['\u{10000}', 1], ['\u{1f600}\u{1f600}a', 3], ['\ud800', 1], ['e\u0301', 2]])('%j is %i', (text, length) => {
    expect(codePoints(text)).toBe(length);
  });
});
