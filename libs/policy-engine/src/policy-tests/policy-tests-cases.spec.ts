import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { parsePolicyTests } from './parse-policy-tests.js';

/** A file of tests, and what is read of it, or what is said of it word for word. */
interface FileCase {
  readonly text: string;
  readonly tests?: readonly object[];
  readonly findings?: readonly (readonly string[])[];
}

const cases = JSON.parse(readFileSync(new URL('../../fixtures/policy-tests.json', import.meta.url), 'utf8')) as readonly FileCase[];

describe('a file of policy tests', () => {
  it.each(cases.map((each) => [each.text, each] as const))('%s', (_, { text, tests, findings }) => {
    const read = parsePolicyTests(text);
    if (read.ok) expect(read.value).toEqual(tests);
    else expect(read.refusal.map(({ line, column, code, pointer, message, fix }) => [`${line}:${column} ${code} ${pointer}`, message, ...(fix === undefined ? [] : [fix])])).toEqual(findings);
  });

  it('may be longer than an import', () => {
    const tests = Array.from({ length: 900 }, () => '  - name: n\n    call: {tool: t}\n    want: {effect: allow}').join('\n');
    const read = parsePolicyTests(`version: 1\ntests:\n${tests}\n`);
    expect(read.ok && read.value.length).toBe(900);
  });
});
