import { ExactNumber, type JsonValue } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { looselyEqual } from './loose-equality.js';
import { readYaml } from './read-yaml.js';

const refusal = (text: string, mostMarks?: number) => {
  const read = readYaml(text, mostMarks);
  return read.ok ? [] : read.refusal;
};
const valueOf = (text: string) => {
  const read = readYaml(text);
  return read.ok ? read.value.value : read.refusal.map(({ message }) => message);
};

describe('a YAML text that is refused', () => {
  const deep = 'The text is nested more than 64 levels deep.';
  it.each<[string, string, object]>([
    ['for its size', 'x'.repeat(65_537), { code: 'too_large', pointer: '', message: 'The text is larger than 64 KiB.', line: 1, column: 1 }],
    ['for its lines', '\n'.repeat(1_201), { code: 'too_large', pointer: '', message: 'The text has more than 1200 lines, list items, anchors and aliases.', line: 1, column: 1 }],
    ['for its anchors', ' &a'.repeat(201), { code: 'too_large', pointer: '', message: 'The text has more than 200 words that begin with & or *.', line: 1, column: 1 }],
    ['for the depth that is seen before it is read', '['.repeat(129), { code: 'too_deep', pointer: '', message: deep, line: 1, column: 1 }],
    ['for its depth', `${'['.repeat(65)}${']'.repeat(65)}`, { code: 'too_deep', pointer: '/0'.repeat(64), message: deep, line: 1, column: 65 }],
    ['for its depth in keys', `${'{a: '.repeat(65)}1${'}'.repeat(65)}`, { code: 'too_deep', pointer: '/a'.repeat(64), message: deep, line: 1, column: 254 }],
    ['for its aliases', `- &a 1\n${'- *a\n'.repeat(101)}`, { code: 'too_many', pointer: '/101', message: 'The text has more than 100 aliases.', line: 102, column: 3 }],
    ['for its values', `- &a [${'1,'.repeat(197)}1]\n${'- *a\n'.repeat(100)}`, { code: 'too_many', pointer: '/100', message: 'The text holds more than 20000 values.', line: 101, column: 3 }],
    ['for a key that is no text', 'a:\n  ? [b]\n  : 1', { code: 'bad_yaml', pointer: '/a', message: 'A key must be a plain word or a text.', line: 1, column: 1 }],
    ['for a key with a tag', '!!str a: 1', { code: 'bad_yaml', pointer: '', message: 'A key must be a plain word or a text.', line: 1, column: 1 }],
    ['for a tag', 'a: !!int "5"', { code: 'bad_yaml', pointer: '/a', message: 'Tags such as !!str are not read; write the value as it is meant.', line: 1, column: 1 }],
    ['for a key that stands twice', 'a: 1\nb: 2\n"a": 3', { code: 'duplicate_key', pointer: '/a', message: 'This key stands twice in its object.', line: 3, column: 1 }],
    ['for a number that JSON does not write so', 'a:\n  - 1.e5', { code: 'bad_yaml', pointer: '/a/0', message: 'Write this number as JSON does.', line: 2, column: 5 }],
    ['for what readers do not agree about', 'a: 1\nb: [0, 014]', { code: 'bad_yaml', pointer: '/b/1', message: 'Readers of YAML do not agree what this means; write a number as JSON does, or put the text in quotes.', line: 2, column: 8 }],
  ])('%s is told what and where', (_what, text, finding) => {
    expect(refusal(text)).toEqual([{ severity: 'error', ...finding }]);
  });

  it.each(['a: [1', 'a: "b', 'a: b: c', '- a\nb', 'a: @b', 'a: 1\n--- \nb: 2'])('for its form is told once and where: %j', (text) => {
    const [first] = refusal(text);
    expect([first?.severity, first?.code, first?.pointer]).toEqual(['error', 'bad_yaml', '']);
    expect(first?.message).toMatch(/^Not valid YAML: .+[^.]\.$/);
    expect([Number.isInteger(first?.line), Number.isInteger(first?.column)]).toEqual([true, true]);
  });

  it('for its form is told at most ten times', () => {
    expect(refusal('- @a\n'.repeat(20))).toHaveLength(10);
  });

  it('for many faults is told at most a hundred of them', () => {
    expect(refusal('- 014\n'.repeat(150))).toHaveLength(100);
  });

  it('for its lines counts anchors and aliases among them', () => {
    expect([refusal('- &a 1\n- *a\n'.repeat(2), 8), refusal('- &a 1\n- *a\n'.repeat(2), 7).map(({ message }) => message)]).toEqual([[], ['The text has more than 7 lines, list items, anchors and aliases.']]);
  });

  it('for its lines may be given another bound', () => {
    expect([refusal('- 1\n'.repeat(10), 10), refusal('- 1\n'.repeat(11), 10).map(({ message }) => message)]).toEqual([[], ['The text has more than 10 lines, list items, anchors and aliases.']]);
  });
});

describe('a YAML text that is read', () => {
  it.each<[string, JsonValue]>([
    ['x'.repeat(65_536), 'x'.repeat(65_536)],
    ['+5', 5],
    ['[+5, -5, 1e3, 1.5E-2]', [5, -5, 1_000, 0.015]],
    ['12345678901234567890', new ExactNumber('12345678901234567890')],
    ['0.12345678901234567890', new ExactNumber('0.12345678901234567890')],
    ['[yes, no, on, off, True, FALSE, ~, Null]', ['yes', 'no', 'on', 'off', true, false, null, null]],
    ['a: &x {b: &y [1]}\nc: *x\nd: *y', { a: { b: [1] }, c: { b: [1] }, d: [1] }],
    ['a: &x [&x 1, 2]\nb: *x', { a: [1, 2], b: 1 }],
    ['? a\n: 1', { a: 1 }],
    ['"": 1', { '': 1 }],
    ['a:', { a: null }],
    ['__proto__: 1', JSON.parse('{"__proto__": 1}') as JsonValue],
    ['%YAML 1.2\n---\na: 1', { a: 1 }],
  ])('%j', (text, value) => {
    expect(valueOf(text)).toEqual(value);
  });
});

describe('what the older form takes for equal', () => {
  it.each<[JsonValue, readonly JsonValue[] | undefined]>([
    [null, [null, '<nil>']], [true, [true, 'true']], [false, [false, 'false']], [5, [5, '5']], [0.5, [0.5, '0.5']], [-5, [-5, '-5']], [0, [0, '0']], [999_999, [999_999, '999999']], [1_000_000, [1_000_000, '1e+06', '1000000']], [12_345_678, [12_345_678, '1.2345678e+07', '12345678']], [0.0001, [0.0001, '0.0001']], [0.00001, [0.00001, '1e-05']], [1e21, [1e21, '1e+21']], [1.5e-10, [1.5e-10, '1.5e-10']], [1e100, [1e100, '1e+100']],
    ['a', ['a']], ['', ['']], ['5', ['5', 5]], ['5.0', ['5.0']], ['05', ['05']], [' 5', [' 5']], ['5 ', ['5 ']], [' ', [' ']], ['+5', ['+5']], ['-5', ['-5', -5]], ['0.5', ['0.5', 0.5]], ['.5', ['.5']], ['0x10', ['0x10']], ['1e+06', ['1e+06', 1_000_000]], ['1e6', ['1e6']], ['1000000', ['1000000']], ['Infinity', ['Infinity']], ['NaN', ['NaN']], ['true', ['true', true]], ['false', ['false', false]], ['True', ['True']], ['<nil>', ['<nil>', null]], ['null', ['null']], ['0', ['0', 0]],
    [[], undefined], [{}, undefined], ['[]', undefined], ['[1 2]', undefined], ['map[a:1]', undefined], ['map[', ['map[']], ['[a', ['[a']], ['a]', ['a]']], ['x[a]', ['x[a]']], ['[a\nb]', undefined], [new ExactNumber('1e400'), undefined],
  ])('to %j is %j', (value, equal) => {
    expect(looselyEqual(value)).toEqual(equal);
  });
});
