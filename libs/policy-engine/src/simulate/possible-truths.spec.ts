import { branded, type EpochMs } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { Compilation } from '../conditions/compilation.js';
import { MAX_STEPS } from '../conditions/truth.js';
import { aPolicyDocument } from '../testing/a-policy.js';
import { openCall } from './open-call.js';
import { allPossible, MAY_BE } from './possible-truths.js';
import type { RecordedCall } from './recorded-call.js';

const record = (about: Partial<RecordedCall> = {}): RecordedCall => ({
  decisionId: 'decision-1',
  atMs: branded<EpochMs>(1_760_000_000_000),
  tool: 'pay',
  server: 'billing',
  identity: { id: 'identity-1', name: 'bot' },
  grant: { id: 'grant-1' },
  session: { id: 'session-1' },
  clientName: null,
  argumentKeys: ['open', 'kept'],
  args: { kept: 5 },
  was: { outcome: 'allowed', ruleId: '/tools/pay', reasonCode: null },
  ...about,
});

/** The truths that conditions may have had, by name. */
function truths(conditions: readonly object[], about: Partial<RecordedCall> = {}): string {
  const [element] = aPolicyDocument({ tools: { pay: { require: [{ conditions }] } } }).tools.get('pay')?.require ?? [];
  const possible = allPossible(element?.conditions ?? [], new Compilation())(openCall(record(about), 'pay'), { stepsLeft: MAX_STEPS });
  return Object.entries(MAY_BE).flatMap(([name, bit]) => ((possible & bit) === 0 ? [] : [name])).join(' ');
}
const compare = (path: unknown, op: string, value: unknown): object => ({ path, op, value });
const YES = compare('args.kept', 'eq', 5);
const NO = compare('args.kept', 'eq', 6);
const UNKNOWN = compare('args.gone', 'gt', 1);
const OPEN = compare('args.open', 'gt', 1);
const EXISTS = compare('args.open', 'exists', true);
const ANY = { cel: 'args.open > 1.0' };

describe('what a condition may have been', () => {
  it.each<[string, object, string]>([
    ['is what it is where all is known', YES, 'yes'],
    ['is what it is where it is known not to hold', NO, 'no'],
    ['is unknown of what was not there', UNKNOWN, 'unknown'],
    ['compared with what was not kept', OPEN, 'no yes unknown'],
    ['of existing alone is one or the other', EXISTS, 'no yes'],
    ['of an argument equal to a value', compare('args.open', 'eq', 1), 'no yes'],
    ['of one unequal to it', compare('args.open', 'neq', 1), 'no yes'],
    ['of one in a list', compare('args.open', 'in', [1]), 'no yes'],
    ['of one in none', compare('args.open', 'not_in', [1]), 'no yes'],
    ['of a member of an argument, which may not be there', compare('args.open.a', 'eq', 1), 'no yes unknown'],
    ['of a pattern', compare('args.open', 'regex', 'a'), 'no yes unknown error'],
    ['of a schema', compare('args.open', 'matches_schema', {}), 'no yes unknown error'],
    ['of a pointer to what was not kept', compare({ pointer: '/open/0' }, 'eq', 1), 'no yes unknown'],
    ['of a pointer to what was', compare({ pointer: '/kept' }, 'eq', 5), 'yes'],
    ['of a name that was kept', compare('identity.name', 'eq', 'bot'), 'yes'],
    ['of a kind that was not', compare('identity.kind', 'eq', 'agent'), 'no yes unknown'],
    ['of a label that was not', compare('identity.labels.team', 'exists', true), 'no yes'],
    ['of CEL about arguments of which one was not kept', ANY, 'no yes unknown error'],
    ['of CEL about facts that were kept', { cel: 'server.slug == "billing"' }, 'yes'],
    ['of CEL about facts that were not', { cel: 'grant.labels.a == "b"' }, 'no yes unknown error'],
    ['turned round: known', { not: YES }, 'no'],
    ['turned round: not held', { not: NO }, 'yes'],
    ['turned round: unknown', { not: UNKNOWN }, 'unknown'],
    ['turned round: one or the other', { not: EXISTS }, 'no yes'],
    ['turned round: anything', { not: ANY }, 'no yes unknown error'],
  ])('%s', (_, condition, wanted) => {
    expect(truths([condition])).toBe(wanted);
  });

  it.each<[string, readonly object[], string]>([
    ['none', [], 'yes'],
    ['two that hold', [YES, YES], 'yes'],
    ['one that holds and one that does not', [YES, NO], 'no'],
    ['one that does not, before one that may fail', [NO, ANY], 'no'],
    ['one that may fail, before one that does not', [ANY, NO], 'no error'],
    ['one that is unknown and one that holds', [UNKNOWN, YES], 'unknown'],
    ['one that is unknown and one that does not hold', [UNKNOWN, NO], 'no'],
    ['one that holds and one that is unknown', [YES, UNKNOWN], 'unknown'],
    ['one that may hold and one that does', [EXISTS, YES], 'no yes'],
    ['one that may hold and one that does not', [EXISTS, NO], 'no'],
    ['two that may hold', [EXISTS, OPEN], 'no yes unknown'],
    ['one that is unknown and one that may hold', [UNKNOWN, EXISTS], 'no unknown'],
    ['one that is unknown and one that may be anything', [UNKNOWN, ANY], 'no unknown error'],
  ])('joined: %s', (_, conditions, wanted) => {
    expect(truths(conditions)).toBe(wanted);
    expect(truths([{ all: conditions.length === 0 ? [YES] : conditions }])).toBe(wanted);
  });

  it.each<[string, readonly object[], string]>([
    ['one that holds', [NO, YES], 'yes'],
    ['one that holds, before one that may fail', [YES, ANY], 'yes'],
    ['none', [NO, NO], 'no'],
    ['one that is unknown', [NO, UNKNOWN], 'unknown'],
    ['one that is unknown beside one that holds', [UNKNOWN, YES], 'yes'],
    ['one that may hold', [NO, EXISTS], 'no yes'],
    ['one that may hold beside one that is unknown', [UNKNOWN, EXISTS], 'yes unknown'],
  ])('either: %s', (_, conditions, wanted) => {
    expect(truths([{ any: conditions }])).toBe(wanted);
  });

  it('knows CEL about arguments that all were kept', () => {
    expect(truths([{ cel: 'args.kept == 5.0' }], { argumentKeys: ['kept'] })).toBe('yes');
    expect(truths([{ cel: 'tool.risk == "High"' }], { labels: { category: null, risk: 'High', annotations: {} } })).toBe('yes');
    expect(truths([{ cel: 'tool.risk == "High"' }])).toBe('no yes unknown error');
  });
});
