import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { aPolicyDocument } from '../testing/a-policy.js';
import { exportCorePolicy } from './export-core.js';

/** A policy, and its core form, or what of it cannot be said there. */
interface ExportCase {
  readonly policy: object;
  readonly core?: object;
  readonly findings?: readonly (readonly string[])[];
}

const cases = JSON.parse(readFileSync(new URL('../../fixtures/export-core.json', import.meta.url), 'utf8')) as readonly ExportCase[];
const alternatives = (...lists: readonly number[]) => ({
  tools: { t: { deny_if: [{ conditions: lists.map((count) => ({ any: Array.from({ length: count }, (_, index) => ({ path: 'args.x', op: 'eq', value: index })) })) }] } },
});
const pointersOf = (policy: object): readonly string[] => {
  const written = exportCorePolicy(aPolicyDocument(policy));
  return written.ok ? [] : written.refusal.map(({ pointer, message }) => `${pointer} ${message}`);
};

describe('in the core form', () => {
  it.each(cases.map((each) => [JSON.stringify(each.policy), each] as const))('%s', (_, { policy, core, findings }) => {
    const written = exportCorePolicy(aPolicyDocument(policy));
    if (written.ok) expect(JSON.parse(written.value)).toEqual(core);
    else expect(written.refusal.map(({ severity, code, pointer, message }) => [severity, `${code} ${pointer}`, message])).toEqual(findings?.map((each) => ['error', ...each]));
  });

  it('one element becomes at most 100', () => {
    expect(pointersOf(alternatives(10, 10))).toEqual([]);
    expect(pointersOf(alternatives(11, 10))).toEqual(['/tools/t/deny_if/0/conditions Written out, these conditions are more than 100 elements.']);
    const within = (count: number) => ({ tools: { t: { deny_if: [{ conditions: [{ all: [...alternatives(10, count).tools.t.deny_if.flatMap(({ conditions }) => conditions)] }] }] } } });
    expect(pointersOf(within(10))).toEqual([]);
    expect(pointersOf(within(11))).toEqual(['/tools/t/deny_if/0/conditions/0/all Written out, these conditions are more than 100 elements.']);
  });
});
