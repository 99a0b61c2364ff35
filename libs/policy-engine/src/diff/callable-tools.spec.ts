import { describe, expect, it } from 'vitest';

import { toolsByName, type DeclaredTool } from '../declared-tool.js';
import type { ToolMatch } from '../document.js';
import { aPolicyDocument } from '../testing/a-policy.js';
import { CallableTools } from './callable-tools.js';

const LABELS = { category: null, risk: null, annotations: {} };
const READS: DeclaredTool = { name: 'get', labels: { ...LABELS, category: 'Read' } };
const WRITES: DeclaredTool = { name: 'put', labels: { ...LABELS, category: 'Write' } };
const ANY: ToolMatch = {};
const GET: ToolMatch = { name: ['get'] };
const READ: ToolMatch = { category: ['Read'] };

/** What is left of each class, in a document beside another that allows all. */
function left(document: object, asked: readonly ToolMatch[], tools?: readonly DeclaredTool[]): readonly (readonly ToolMatch[])[] {
  const compared = { before: aPolicyDocument(document), after: aPolicyDocument({ default: 'allow' }) };
  const callable = new CallableTools(compared, asked, tools === undefined ? undefined : toolsByName(tools));
  return asked.map((match) => callable.within(match, 'before'));
}

describe('the tools of a class that calls pass to', () => {
  it('are all of it where some call may pass and labels are not known, else none', () => {
    expect(left({ tools: { get: {} } }, [ANY, GET, READ, { name: ['put'] }])).toEqual([[ANY], [GET], [READ], []]);
    expect(left({ default: 'allow', hide: ['get'] }, [ANY, GET, { name: ['g*'] }])).toEqual([[ANY], [], [{ name: ['g*'] }]]);
    expect(left({}, [ANY, GET, READ])).toEqual([[], [], []]);
    expect(left({ select: [{ match: READ, allow: true }] }, [READ, { category: ['Write'] }, GET])).toEqual([[READ], [], [GET]]);
  });

  it('are named one by one where the labels of all are known', () => {
    expect(left({ default: 'allow' }, [ANY, READ, { risk: ['High'] }], [READS, WRITES])).toEqual([[{ name: ['get'] }, { name: ['put'] }], [{ name: ['get'] }], []]);
    expect(left({ default: 'allow', hide: ['get'] }, [ANY, READ], [READS, WRITES])).toEqual([[{ name: ['put'] }], []]);
    expect(left({ default: 'allow' }, [READ], [READS, { name: 'put' }])).toEqual([[READ]]);
  });

  it('are told of each document by itself', () => {
    const callable = new CallableTools({ before: aPolicyDocument({}), after: aPolicyDocument({ tools: { get: {} } }) }, [GET]);
    expect([callable.within(GET, 'before'), callable.within(GET, 'after')]).toEqual([[], [GET]]);
  });

  it('are the class itself where it was not asked for before, or there is too much to find out', () => {
    expect(new CallableTools({ before: aPolicyDocument({}), after: aPolicyDocument({}) }, [READ]).within(GET, 'before')).toEqual([GET]);
    const denials = Array.from({ length: 20 }, (_, index) => ({ conditions: [{ path: `args.a${index}`, op: 'eq', value: index }, { path: `args.b${index}`, op: 'eq', value: index }] }));
    const tools = Object.fromEntries(Array.from({ length: 1_000 }, (_, tool) => [`t${tool}`, { deny_if: [{ conditions: [{ path: 'args.c', op: 'eq', value: tool }] }] }]));
    expect(left({ all_tools: { deny_if: denials }, tools }, [GET])).toEqual([[GET]]);
    expect(left({ all_tools: { deny_if: denials }, tools: {} }, [GET])).toEqual([[]]);
    const many = Array.from({ length: 500 }, (_, index): ToolMatch => ({ name: [`n${index}`] }));
    expect(left({}, [GET, ...many]).slice(0, 1)).toEqual([[GET]]);
    expect(left({}, [GET, ...many.slice(0, 300)]).slice(0, 1)).toEqual([[]]);
  });
});
