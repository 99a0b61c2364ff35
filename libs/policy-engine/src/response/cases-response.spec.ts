import { readFileSync, readdirSync } from 'node:fs';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { decide } from '../decide.js';
import { aPolicy } from '../testing/a-policy.js';
import { caseHash, responseCase, type ResponseCase, type ResponseCaseStep } from '../testing/response-case.js';
import { filterMessage, responseFilter, type FilteredMessage } from './response-filter.js';

const folder = new URL('../../cases-response/', import.meta.url);
const cases = readdirSync(folder).map((file) => ({ file, case: responseCase(parse(readFileSync(new URL(file, folder), 'utf8'))) }));

function filtered({ policy, call }: ResponseCase, { text }: ResponseCaseStep): FilteredMessage {
  const compiled = aPolicy(policy);
  const verdict = decide(compiled, call);
  const filter = verdict.effect === 'allow' ? responseFilter(compiled, verdict.responses) : undefined;
  if (filter === undefined) throw new Error('this case has no filter');
  return filterMessage(filter, new TextEncoder().encode(text), { call, hash: caseHash });
}

describe.each(cases)('$file', ({ case: each }) => {
  it(each.shows, () => {
    for (const step of each.steps) {
      const outcome = filtered(each, step);
      expect([step.text, outcome.kind]).toEqual([step.text, step.outcome]);
      if (outcome.kind === 'denied') expect(outcome.denial).toMatchObject(step.denial ?? {});
      if (outcome.kind !== 'rewritten') continue;
      if (step.becomes !== undefined) expect(JSON.parse(outcome.message)).toEqual(step.becomes);
      if (step.becomesText !== undefined) expect(outcome.message).toBe(step.becomesText);
      if (step.removed !== undefined) expect(outcome.removed).toEqual(step.removed);
    }
  });
});

describe('the response cases', () => {
  it('each show one thing', () => {
    expect(new Set(cases.map((each) => each.case.shows)).size).toBe(cases.length);
  });
});
