import { readFileSync, readdirSync } from 'node:fs';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { decide } from './decide.js';
import { explain } from './explain.js';
import { aPolicy } from './testing/a-policy.js';
import { policyCase, recordAsWritten, verdictAsWritten } from './testing/policy-case.js';

const folder = new URL('../cases/', import.meta.url);
const cases = readdirSync(folder).map((file) => ({ file, case: policyCase(parse(readFileSync(new URL(file, folder), 'utf8'))) }));

describe.each(cases)('$file', ({ case: { shows, policy, steps } }) => {
  it(shows, () => {
    const compiled = aPolicy(policy);
    for (const { call, verdict, record } of steps) {
      const decided = decide(compiled, call);
      expect(verdictAsWritten(decided)).toMatchObject(verdict);
      expect(recordAsWritten(call, decided)).toMatchObject(record);
      expect(explain(compiled, call).verdict).toEqual(decided);
    }
  });
});

describe('the case files', () => {
  it('each show one thing', () => {
    expect(new Set(cases.map((each) => each.case.shows)).size).toBe(cases.length);
  });

  it('each decide something', () => {
    for (const each of cases) expect(each.case.steps.length).toBeGreaterThan(0);
  });
});
