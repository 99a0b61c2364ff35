import { describe, expect, it } from 'vitest';

import { aPolicyDocument } from '../testing/a-policy.js';
import type { ActivePart } from './active-parts.js';
import { policySections } from './policy-sections.js';
import { sectionSteps } from './policy-step.js';
import { isSameView, staticChange, staticView, type StaticView } from './static-change.js';

/** The parts of a tool's own rule, then of its class, then of all tools, as they bind. */
function partsOf(...rules: readonly (object | undefined)[]): readonly ActivePart[] {
  const [own, ofClass, ofAll] = rules;
  const document = aPolicyDocument({
    ...(own === undefined ? {} : { tools: { pay: own } }),
    ...(ofClass === undefined ? {} : { select: [{ match: { category: ['Read'] }, ...ofClass }] }),
    ...(ofAll === undefined ? {} : { all_tools: ofAll }),
  });
  const order = ['tool', 'select', 'all'];
  const sections = [...policySections(document)].sort((left, right) => order.indexOf(left.scope.kind) - order.indexOf(right.scope.kind));
  return sections.flatMap((section) => section.parts.map((part) => ({ section, part })));
}

const sure = (...rules: readonly (object | undefined)[]): StaticView => staticView(partsOf(...rules), () => true);
const unsure = (...rules: readonly (object | undefined)[]): StaticView => staticView(partsOf(...rules), ({ section }) => section.scope.kind !== 'select');

/** What each step from one rule to another means. */
function changes(before: object, after: object): readonly (string | undefined)[] {
  const [old, now] = [before, after].map((rule) => policySections(aPolicyDocument({ tools: { pay: rule } })).find(({ key }) => key === 'tool pay'));
  const { coming, going } = sectionSteps(old, now);
  return [...coming, ...going].map((step) => staticChange(step, sure(before), sure(after)));
}

const limited = (about: object = {}): object => ({ limits: [{ counter: 'c', window: 'minute', max: 5, ...about }] });
const answers = (response: object): object => ({ response });
const mask = { detector: 'email', action: 'mask' };
const hash = { detector: 'email', action: 'hash' };
const failed = (op: string, value: unknown): object => ({ conditions: [{ path: 'isError', op, value }] });

describe('what binds besides the decision', () => {
  it('is nothing where nothing is said', () => {
    expect(sure()).toEqual({ limits: new Map(), others: new Set(), maxBytes: Infinity, record: 'digest' });
  });

  it('is the nearest limit of a counter, the least bytes and the nearest record', () => {
    const [own, ofClass] = [limited({ on_deny: 'Own.' }), limited({ on_deny: 'Of the class.' })];
    const view = sure({ ...own, ...answers({ max_bytes: 200 }), record: 'full' }, { ...ofClass, ...answers({ max_bytes: 100 }), record: 'digest' }, { ...answers({ max_bytes: 300 }), record: 'excerpt' });
    expect([[...view.limits.values()].map(({ limit }) => limit.onDeny), view.maxBytes, view.record]).toEqual([['Own.'], 100, 'full']);
    expect(sure({ record: 'full' }, answers({ deny_if: [failed('eq', true)] })).record).toBe('full');
  });

  it('is every redaction and every reason to withhold an answer, each once', () => {
    const rule = answers({ redact: [mask, hash, mask], deny_if: [failed('eq', true)] });
    expect([...sure(rule, rule).others]).toEqual(['redaction email mask', 'redaction email hash', 'answer ["result","isError"] eq true']);
    expect(sure({ record: 'full', ...answers({ max_bytes: 5 }) }).others.size).toBe(0);
  });

  it('names the class where it hangs on labels that nobody looked at', () => {
    const where = 'select [["Read"],null,null,[]]';
    const view = unsure(undefined, { ...limited(), ...answers({ redact: [mask], max_bytes: 100 }), record: 'full' });
    expect([...view.others]).toEqual([`${where}redaction email mask`, `${where}max_bytes .1e3`, `${where}record full`]);
    expect([...view.limits.values()].map(({ key }) => key)).toEqual([`${where}["minute","fixed","5","grant",null,"call","hard","deny"]`]);
  });
});

describe('two views', () => {
  const full = { ...limited(), ...answers({ redact: [mask], max_bytes: 100 }), record: 'full' };
  it.each([
    ['the same', full, full, true],
    ['of another limit', full, { ...full, ...limited({ max: 6 }) }, false],
    ['of another counter', full, { ...full, ...limited({ counter: 'd' }) }, false],
    ['of no limit', full, { ...full, limits: [] }, false],
    ['of another redaction', full, { ...full, ...answers({ redact: [hash], max_bytes: 100 }) }, false],
    ['of more redactions', full, { ...full, ...answers({ redact: [mask, hash], max_bytes: 100 }) }, false],
    ['of more bytes', full, { ...full, ...answers({ redact: [mask], max_bytes: 101 }) }, false],
    ['of another record', full, { ...full, record: 'digest' }, false],
    ['in another order', answers({ redact: [mask, hash] }), answers({ redact: [hash, mask] }), true],
  ] as const)('%s', (_, before, after, isSame) => {
    expect([isSameView(sure(before), sure(after)), isSameView(sure(after), sure(before))]).toEqual([isSame, isSame]);
  });
});

describe('what a step means for what binds besides the decision', () => {
  it.each([
    ['a limit that comes', {}, limited(), ['tightened']],
    ['a limit that goes', limited(), {}, ['loosened']],
    ['less', limited(), limited({ max: 4.5 }), ['tightened']],
    ['more', limited(), limited({ max: 6 }), ['loosened']],
    ['soft', limited(), limited({ class: 'soft' }), ['loosened']],
    ['hard', limited({ class: 'soft' }), limited(), ['tightened']],
    ['more with an approval', limited(), limited({ on_exceed: 'require_approval' }), ['loosened']],
    ['no more with an approval', limited({ on_exceed: 'require_approval' }), limited(), ['tightened']],
    ['more and soft', limited(), limited({ max: 6, class: 'soft' }), ['loosened']],
    ['less and soft', limited(), limited({ max: 4, class: 'soft' }), ['changed']],
    ['more, and hard', limited({ class: 'soft' }), limited({ max: 6 }), ['changed']],
    ['hard, and more with an approval', limited({ class: 'soft' }), limited({ on_exceed: 'require_approval' }), ['changed']],
    ['another window', limited(), limited({ window: 'hour' }), ['changed']],
    ['another window and more', limited(), limited({ window: 'hour', max: 6 }), ['changed']],
    ['a redaction that comes', {}, answers({ redact: [mask] }), ['tightened']],
    ['a redaction that goes', answers({ redact: [mask] }), {}, ['loosened']],
    ['another redaction', answers({ redact: [mask] }), answers({ redact: [hash] }), ['changed']],
    ['a reason to withhold that comes', {}, answers({ deny_if: [failed('eq', true)] }), ['tightened']],
    ['a reason to withhold that goes', answers({ deny_if: [failed('eq', true)] }), {}, ['loosened']],
    ['another reason to withhold', answers({ deny_if: [failed('eq', true)] }), answers({ deny_if: [failed('eq', false)] }), ['changed']],
    ['a reason that is looked into no longer', answers({ deny_if: [failed('eq', true)] }), answers({ deny_if: [failed('matches_schema', true)] }), ['perhaps']],
    ['a reason that is looked into now', answers({ deny_if: [failed('matches_schema', true)] }), answers({ deny_if: [failed('eq', true)] }), ['perhaps']],
    ['fewer bytes', answers({ max_bytes: 5 }), answers({ max_bytes: 4 }), ['tightened']],
    ['more bytes', answers({ max_bytes: 5 }), answers({ max_bytes: 6 }), ['loosened']],
    ['another record', { record: 'digest' }, { record: 'full' }, ['changed']],
    ['the record there was without it', {}, { record: 'digest' }, ['none']],
    ['a condition', {}, { deny_if: [{ conditions: [{ path: 'args.a', op: 'eq', value: 1 }] }] }, [undefined]],
  ] as const)('%s', (_, before, after, expected) => {
    expect(changes(before, after)).toEqual(expected);
  });

  it('is nothing where another rule says the same', () => {
    const stepTo = (rule: object) => {
      const step = sectionSteps(undefined, policySections(aPolicyDocument({ tools: { pay: rule } })).find(({ key }) => key === 'tool pay')).coming.find(({ written }) => written.part.body.kind !== 'admit');
      if (step === undefined) throw new Error('there is no step');
      return step;
    };
    for (const rule of [limited(), answers({ redact: [mask] }), answers({ max_bytes: 5 }), { record: 'full' }, answers({ deny_if: [failed('eq', true)] })]) {
      expect(staticChange(stepTo(rule), sure(undefined, rule), sure(rule, rule))).toBe('none');
    }
    const bytes = answers({ max_bytes: 5 });
    expect(staticChange(stepTo(bytes), sure(), unsure(undefined, bytes))).toBe('tightened');
    expect(staticChange(stepTo(bytes), unsure(bytes), unsure(bytes, bytes))).toBe('tightened');
  });
});
