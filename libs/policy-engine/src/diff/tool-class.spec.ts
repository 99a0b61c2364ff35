import { describe, expect, it } from 'vitest';

import type { ToolMatch } from '../document.js';
import { aComparison } from '../testing/a-condition.js';
import type { ToolLabels } from '../verdict.js';
import { factsOf, matches, type ToolClass } from './tool-class.js';

const labelled = (about: Partial<ToolLabels> = {}): ToolLabels => ({ category: null, risk: null, annotations: {}, ...about });
const READ: ToolClass = { tool: 'get_x', labels: labelled({ category: 'Read', risk: 'Low', annotations: { readOnlyHint: true, title: 'x' } }) };
const BARE: ToolClass = { tool: 'get_x', labels: labelled() };
const UNLOOKED: ToolClass = { tool: 'get_x', labels: undefined };
const UNNAMED: ToolClass = { tool: undefined, labels: undefined };

describe('whether a class of tools has a tool', () => {
  it.each<[string, ToolMatch, ToolClass, 'yes' | 'no']>([
    ['its name', { name: ['get_x'] }, READ, 'yes'],
    ['another name', { name: ['get_y'] }, READ, 'no'],
    ['a glob of its name', { name: ['set_*', 'get_*'] }, READ, 'yes'],
    ['a glob of other names', { name: ['set_*'] }, READ, 'no'],
    ['every name', { name: ['a', '**'] }, READ, 'yes'],
    ['every name, of whatever tool', { name: ['a', '*'] }, UNNAMED, 'yes'],
    ['another name, of whatever tool is not named', { name: ['a'] }, UNNAMED, 'no'],
    ['its category', { category: ['Write', 'Read'] }, READ, 'yes'],
    ['another category', { category: ['Write'] }, READ, 'no'],
    ['its risk', { risk: ['Low'] }, READ, 'yes'],
    ['another risk', { risk: ['High', 'Medium'] }, READ, 'no'],
    ['its hints', { annotations: { readOnlyHint: true, title: 'x' } }, READ, 'yes'],
    ['another hint', { annotations: { readOnlyHint: false } }, READ, 'no'],
    ['a hint it does not give', { annotations: { destructiveHint: false } }, READ, 'no'],
    ['what every object has', { annotations: { constructor: true } }, READ, 'no'],
    ['a category where it has none', { category: ['Read'] }, BARE, 'no'],
    ['all of several', { name: ['get_*'], category: ['Read'], risk: ['Low'] }, READ, 'yes'],
    ['all but one', { name: ['get_*'], category: ['Read'], risk: ['High'] }, READ, 'no'],
    ['another name, whatever its labels', { name: ['set_*'], category: ['Read'] }, UNLOOKED, 'no'],
  ])('is known by %s', (_, match, about, answer) => {
    expect(matches(match, about)).toBe(answer);
  });

  it('depends on labels that nobody looked at', () => {
    const asked = { category: ['Read'], risk: ['Low'], annotations: { readOnlyHint: true } } as const;
    const found = matches({ ...asked, name: ['get_*'] }, UNLOOKED);
    expect(found).toEqual({
      conditions: [
        { kind: 'comparison', path: { text: 'tool.category', form: 'dotted', root: 'tool.category', steps: [] }, op: 'in', value: ['Read'] },
        { kind: 'comparison', path: { text: 'tool.risk', form: 'dotted', root: 'tool.risk', steps: [] }, op: 'in', value: ['Low'] },
        { kind: 'comparison', path: { text: 'tool.annotations.readOnlyHint', form: 'dotted', root: 'tool.annotations', steps: [{ kind: 'key', key: 'readOnlyHint' }] }, op: 'in', value: [true] },
      ],
      globs: undefined,
    });
  });

  it('depends on the globs that a name may match', () => {
    expect(matches({ name: ['a', 'get_*', 'x*y'] }, UNNAMED)).toEqual({ conditions: [], globs: ['get_*', 'x*y'] });
    expect(matches({ name: ['a*'], risk: ['Low'] }, UNNAMED)).toMatchObject({ conditions: [{ op: 'in', value: ['Low'] }], globs: ['a*'] });
  });
});

describe('what is known of a tool', () => {
  const fact = (about: ToolClass, path: string) => factsOf(about)(aComparison(path, 'exists', true).path);

  it('is its name, or that it is none that is named', () => {
    expect(fact(READ, 'tool.name')).toEqual({ canBeAbsent: false, only: ['get_x'] });
    expect(fact(UNNAMED, 'tool.name')).toEqual({ canBeAbsent: false, kinds: ['string'], isUnnamed: true });
  });

  it('is its labels, where somebody looked at them', () => {
    const paths = ['tool.category', 'tool.risk', 'tool.annotations.readOnlyHint', 'tool.annotations.title'];
    const known = (value: string | boolean) => ({ canBeAbsent: false, only: [value] });
    expect(paths.map((path) => fact(READ, path))).toEqual([known('Read'), known('Low'), known(true), known('x')]);
    expect(paths.map((path) => fact(BARE, path))).toEqual(paths.map(() => ({ canBeAbsent: true, only: [] })));
    expect(paths.map((path) => fact(UNLOOKED, path))).toEqual(paths.map(() => undefined));
    expect(fact(READ, 'tool.annotations.constructor')).toEqual({ canBeAbsent: true, only: [] });
  });

  it('is nothing of what else a call has', () => {
    expect([fact(READ, 'args.x'), fact(READ, 'identity.labels.readOnlyHint')]).toEqual([undefined, undefined]);
  });
});
