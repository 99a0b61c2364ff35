import { describe, expect, it } from 'vitest';

import { toolsByName, type DeclaredTool } from '../declared-tool.js';
import { aPolicyDocument } from '../testing/a-policy.js';
import type { ToolLabels } from '../verdict.js';
import { policySections } from './policy-sections.js';
import { toolGroups } from './tool-classes.js';

const labels = (about: Partial<ToolLabels> = {}): ToolLabels => ({ category: null, risk: null, annotations: {}, ...about });
const tool = (name: string, about?: Partial<ToolLabels>): DeclaredTool => ({ name, ...(about === undefined ? {} : { labels: labels(about) }) });

/** The names in each group; a group of no names is of the tools that are not named, told apart by the globs that match them. */
function grouped(before: object, after: object, tools?: readonly DeclaredTool[]): readonly string[] {
  const groups = toolGroups(policySections(aPolicyDocument(before)), policySections(aPolicyDocument(after)), tools === undefined ? undefined : toolsByName(tools));
  return groups.map(({ about, names }) => (about.tool === undefined ? ['(others', ...(about.globs ?? ['in one'])].join(' ') + ')' : names.join(' ')));
}

const denies = (path: string, op: string, value: unknown): object => ({ deny_if: [{ conditions: [{ path, op, value }] }] });

describe('tools that two documents treat alike', () => {
  it('are those with the same rules of their own on both sides', () => {
    expect(grouped({ tools: { d: {}, b: {}, a: {}, c: denies('args.x', 'eq', 1) } }, { tools: { a: {}, b: {}, c: denies('args.x', 'eq', 1), d: denies('args.x', 'eq', 2) } })).toEqual(['(others)', 'a b', 'c', 'd']);
    const worded = (message: string): object => ({ deny_if: [{ conditions: [], on_deny: message }] });
    expect(grouped({ tools: { a: worded('A.'), b: worded('A.'), c: worded('B.') } }, {})).toEqual(['(others)', 'a b', 'c']);
    expect(grouped({ tools: { a: {} } }, { tools: { b: {} } })).toEqual(['(others)', 'a', 'b']);
  });

  it('are hidden alike', () => {
    expect(grouped({ tools: { a1: {}, a2: {}, b: {} } }, { hide: ['a*', 'z'], tools: { a1: {}, a2: {}, b: {} } })).toEqual(['(others)', '(others a*)', 'a1 a2', 'b', 'z']);
  });

  it('are matched by the same globs, which are not told apart where they are too many', () => {
    expect(grouped({ hide: ['a*'] }, { select: [{ match: { name: ['ab*', 'c'] }, allow: true }] })).toEqual(['(others)', '(others a*)', '(others a* ab*)', 'c']);
    expect(grouped({ hide: Array.from({ length: 12 }, (_, index) => `*${index.toString(36)}*`) }, {})).toEqual(['(others in one)']);
  });

  it('are of the same classes', () => {
    const select = [{ match: { name: ['a*', 'n'] }, allow: true }];
    expect(grouped({ tools: { a1: {}, a2: {}, b: {} } }, { select, tools: { a1: {}, a2: {}, b: {} } })).toEqual(['(others)', '(others a*)', 'a1 a2', 'b', 'n']);
    const byLabel = { select: [{ match: { category: ['Read'] }, allow: true }] };
    expect(grouped(byLabel, {}, [tool('a', { category: 'Read' }), tool('b', { category: 'Read' }), tool('c', { category: 'Write' }), tool('d', { category: 'Read' })])).toEqual(['a b d', 'c']);
    expect(grouped({ select: [{ match: { risk: ['Low'] }, allow: true }] }, {}, [tool('a', { risk: 'Low' }), tool('b', { risk: 'High' })])).toEqual(['a', 'b']);
  });

  it('are told apart by labels only where these are asked for, or nobody looked at them', () => {
    const tools = [tool('a', { category: 'Read' }), tool('b', { category: 'Write' }), tool('c')];
    expect(grouped({ default: 'allow' }, {}, tools)).toEqual(['a b', 'c']);
    const readable = (rule: object): object => ({ default: 'allow', all_tools: rule });
    for (const path of ['tool.category', 'tool.risk', 'tool.annotations.title']) {
      expect(grouped(readable(denies(path, 'eq', path === 'tool.risk' ? 'Low' : 'Read')), {}, tools)).toEqual(['a', 'b', 'c']);
      expect(grouped({}, readable({ approval: { if: [{ path, op: 'exists', value: true }] } }), tools)).toEqual(['a', 'b', 'c']);
      expect(grouped({}, readable({ require: [{ conditions: [{ not: { path, op: 'exists', value: true } }] }, { conditions: [] }] }), tools)).toEqual(['a', 'b', 'c']);
    }
    expect(grouped(readable(denies('args.x', 'eq', 1)), {}, tools)).toEqual(['a b', 'c']);
  });

  it('are found by the names that a condition compares with', () => {
    const compared = (op: string, value: unknown): readonly string[] => grouped({ all_tools: denies('tool.name', op, value) }, {});
    expect([compared('eq', 'a'), compared('neq', 'a'), compared('in', ['a', 'b']), compared('not_in', ['b', 'a'])]).toEqual([
      ['(others)', 'a'],
      ['(others)', 'a'],
      ['(others)', 'a', 'b'],
      ['(others)', 'a', 'b'],
    ]);
    expect([compared('contains', 'a'), compared('regex', '^a'), compared('in', ['b', 1])]).toEqual([['(others)'], ['(others)'], ['(others)', 'b']]);
    expect(grouped({ all_tools: denies('args.x', 'eq', 'a') }, { all_tools: denies('tool.category', 'eq', 'Read') })).toEqual(['(others)']);
    expect(grouped({ all_tools: { approval: { if: [{ path: 'tool.name', op: 'eq', value: 'a' }] }, require: [{ conditions: [{ path: 'tool.name', op: 'neq', value: 'b' }] }] } }, {})).toEqual(['(others)', 'a', 'b']);
  });

  it('are those declared and those named, where tools are declared', () => {
    expect(grouped({ hide: ['h'], tools: { t: {} } }, {}, [tool('a', {})])).toEqual(['a', 'h', 't']);
    expect(grouped({}, {}, [])).toEqual([]);
    expect(grouped({}, {})).toEqual(['(others)']);
  });

  it('are described by one of them', () => {
    const [first] = toolGroups(policySections(aPolicyDocument({})), [], toolsByName([tool('a', { risk: 'Low' }), tool('b')]));
    expect(first).toEqual({ about: { tool: 'a', labels: labels({ risk: 'Low' }) }, names: ['a'] });
    expect(toolGroups([], [])).toEqual([{ about: { tool: undefined, labels: undefined, globs: new Set() }, names: [] }]);
  });
});
