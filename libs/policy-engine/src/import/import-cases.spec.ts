import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { importPolicy } from './import-policy.js';
import { nestsTooDeep } from './nests-too-deep.js';
import { readYaml } from './read-yaml.js';

/** A text of the older form, and what it comes to: a document with notes, or findings. A finding is its place, its message and its fix. */
interface ImportCase {
  readonly what: string;
  readonly yaml: string;
  readonly document: unknown;
  readonly notes: readonly (readonly string[])[];
  readonly findings: readonly (readonly string[])[];
}

const casesOf = (file: string) => JSON.parse(readFileSync(new URL(`../../fixtures/${file}`, import.meta.url), 'utf8')) as readonly ImportCase[];

describe('what an import says', () => {
  it.each(casesOf('import-conversions.json'))('comes of $what', ({ yaml, document, notes }) => {
    const imported = importPolicy(yaml);
    if (!imported.ok) throw new Error(JSON.stringify(imported.refusal));
    expect(JSON.parse(imported.value.text)).toEqual(document);
    expect(imported.value.notes.map(({ line, column, code, pointer, message }) => [`${line}:${column} ${code} ${pointer}`, message])).toEqual(notes);
  });

  it.each(casesOf('import-refusals.json'))('is refused for $what', ({ yaml, findings }) => {
    const imported = importPolicy(yaml);
    expect(imported.ok ? [] : imported.refusal.map(({ line, column, code, pointer, message, fix }) => [`${line}:${column} ${code} ${pointer}`, message, ...(fix === undefined ? [] : [fix])])).toEqual(findings);
    expect(imported.ok || imported.refusal.every(({ severity }) => severity === 'error')).toBe(true);
  });
});

const said = (text: string): unknown => {
  const read = readYaml(text);
  return read.ok ? JSON.parse(JSON.stringify(read.value.value)) : read.refusal.map(({ line, column, pointer, message }) => `${line}:${column} ${pointer} ${message}`);
};

describe('a YAML text', () => {
  it.each<[string, unknown]>([
    ['a: 1', { a: 1 }],
    ['- 1\n- -2.5\n- 1e3\n- "1"\n- yes\n- true\n- null\n- ~\n-', [1, -2.5, 1000, '1', 'yes', true, null, null, null]],
    ['"a b": {c: [d]}', { 'a b': { c: ['d'] } }],
    ['{"a": [1, {"b": null}]}', { a: [1, { b: null }] }],
    ['5: x\ntrue: y', { 5: 'x', true: 'y' }],
    ['a: &x {b: 1}\nc: *x\nd: [*x]', { a: { b: 1 }, c: { b: 1 }, d: [{ b: 1 }] }],
    ['a: &x 1\nb: *x\nc: &x 2\nd: *x', { a: 1, b: 1, c: 2, d: 2 }],
    ['a: "2026-11-21"\nb: "014"\nc: "1_000"', { a: '2026-11-21', b: '014', c: '1_000' }],
    ['a: |\n  one\n  two\nb: >\n  one\n  two\n', { a: 'one\ntwo\n', b: 'one two\n' }],
    ['', null],
    ['# nothing but this', null],
  ])('%j is read', (text, value) => {
    expect(said(text)).toEqual(value);
  });

  const ambiguous = 'Readers of YAML do not agree what this means; write a number as JSON does, or put the text in quotes.';
  it.each(['014', '0_7', '0x1F', '0b1', '0o17', '-0x1', '1_000', '1_0.5', '2026-11-21', '2026-1-1', '2026-11-21T10:00:00Z', '2026-11-21 10:00', '12:30', '1:20:30', '.5', '-.5', '5.', '.inf', '-.Inf', '.NaN', '+012'])('%s is refused without quotes', (text) => {
    expect(said(`a: ${text}`)).toEqual([`1:1 /a ${ambiguous}`]);
    expect(said(`a: "${text}"`)).toEqual({ a: text });
  });

  it.each(['0', '10', '-7', '1.25', 'a.b', '1-2', '12:ab', '2026', 'v1_0', '0abc', '1.2.3', 'inf'])('%s stands without quotes', (text) => {
    expect(said(`a: ${text}`)).toEqual({ a: /^-?[\d.]+$/.test(text) && !Number.isNaN(Number(text)) ? Number(text) : text });
  });

  it('gives each finding the place of its pointer, and one about what is not there that of what should hold it', () => {
    const read = readYaml('a:\n  - b: 1\n    c: 2\n');
    if (!read.ok) throw new Error(JSON.stringify(read.refusal));
    const places = ['/a', '/a/0', '/a/0/c', '/a/0/d', '/a/7/x', '', '/z'].map((pointer) => {
      const [found] = read.value.placed([{ severity: 'error', code: 'bad_value', pointer, message: '' }]);
      return `${pointer} ${found?.line}:${found?.column}`;
    });
    expect(places).toEqual(['/a 1:1', '/a/0 2:5', '/a/0/c 3:5', '/a/0/d 2:5', '/a/7/x 1:1', ' 1:1', '/z 1:1']);
  });

  it.each<[string, string, string]>([
    ['64 KiB', 'x'.repeat(65_537), '1:1  The text is larger than 64 KiB.'],
    ['1,200 lines', '-\n'.repeat(1_201), '1:1  The text has more than 1200 lines, list items, anchors and aliases.'],
    ['1,200 list items on one line', `[${'1,'.repeat(1_200)}1]`, '1:1  The text has more than 1200 lines, list items, anchors and aliases.'],
    ['200 anchors', Array.from({ length: 201 }, (_, at) => `- &a${at} 1`).join('\n'), '1:1  The text has more than 200 words that begin with & or *.'],
    ['100 aliases', `- &a 1\n${'- *a\n'.repeat(101)}`, '102:3 /101 The text has more than 100 aliases.'],
    ['64 levels', `${'['.repeat(65)}${']'.repeat(65)}`, '1:65 /0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0 The text is nested more than 64 levels deep.'],
  ])('with more than %s is refused', (_, text, finding) => {
    expect(said(text)).toEqual([finding]);
  });

  it('is read up to its bounds', () => {
    expect(said(`- &a 1\n${'- *a\n'.repeat(100)}`)).toHaveLength(101);
    expect(said('- 1\n'.repeat(1_200))).toHaveLength(1_200);
    expect(said(Array.from({ length: 200 }, (_, at) => `- &a${at} 1`).join('\n'))).toHaveLength(200);
    expect(said(`- "${' *a'.repeat(199)}"\n- "a*b a&b * & **"`)).toHaveLength(2);
    expect(JSON.stringify(said(`${'['.repeat(64)}${']'.repeat(64)}`))).toBe(`${'['.repeat(64)}${']'.repeat(64)}`);
  });

  it('may repeat values up to 20,000 of them, those that aliases stand for counted each time', () => {
    const repeated = (times: number) => `- &a [${'1,'.repeat(197)}1]\n${'- *a\n'.repeat(times)}`;
    expect(said(repeated(99))).toHaveLength(100);
    expect(said(repeated(100))).toEqual(['101:3 /100 The text holds more than 20000 values.']);
  });
});

describe('a text nests too deep', () => {
  it.each([
    ['with 129 brackets open', '['.repeat(129), true],
    ['with 128 brackets open', '['.repeat(128), false],
    ['with brackets of both kinds open', '[{'.repeat(65), true],
    ['not where brackets are closed again', '[]{}'.repeat(1_000), false],
    ['not where more are closed than were opened', `${']'.repeat(200)}${'['.repeat(128)}`, false],
    ['where they are opened again after that', `${']'.repeat(200)}${'['.repeat(129)}`, true],
    ['with a line indented by 257 spaces', `a\n${' '.repeat(257)}b`, true],
    ['not with one indented by 256', `a\n${' '.repeat(256)}b`, false],
    ['with a line indented by tabs', '\t'.repeat(257), true],
    ['with 33 lists in lists on a line', '- '.repeat(33), true],
    ['not with 32', '- '.repeat(32), false],
    ['with keys in keys on a line', `  ${'? '.repeat(33)}`, true],
    ['not where dashes stand within a line', `a ${'- '.repeat(40)}`, false],
  ])('%s', (_, text, isDeep) => {
    expect(nestsTooDeep(text)).toBe(isDeep);
  });
});
