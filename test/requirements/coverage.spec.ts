import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { REQUIREMENTS, type Requirement } from './manifest.js';

const root = new URL('../..', import.meta.url).pathname;
const CITATION = /\[([a-z]+\/[a-z-]+)\]/g;
/** A line on which a title stands: of a test, of a table's test, or on its own below either. */
const TITLE = /\b(it|test|describe)\b|^\s*\][^'"`]*\)\(['"`]|^\s*['"`]/;
const SKIPPED = new Set(['node_modules', 'dist', 'generated', '.nx', '.git']);

function* testFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) yield* testFiles(path);
    } else if (/\.(spec|contract)\.ts$/.test(entry.name) && !path.endsWith('coverage.spec.ts')) yield path;
  }
}

/** The ids cited in a test file's titles, each with whether the test is expected to fail. */
function citations(text: string): readonly { id: string; expectedToFail: boolean }[] {
  return text.split('\n').flatMap((line) => {
    if (!TITLE.test(line)) return [];
    return [...line.matchAll(CITATION)].map((found) => ({ id: found[1] ?? '', expectedToFail: /\bit\.fails\b/.test(line) }));
  });
}

/** What the gate finds wrong, one line each. */
function problems(requirements: Readonly<Record<string, Requirement>>, cited: readonly { id: string; expectedToFail: boolean }[]): readonly string[] {
  const unknown = cited.filter(({ id }) => !(id in requirements)).map(({ id }) => `unknown: ${id}`);
  const uncited = Object.keys(requirements).filter((id) => !cited.some((citation) => citation.id === id)).map((id) => `uncited: ${id}`);
  const gaps = cited.filter(({ id, expectedToFail }) => expectedToFail && requirements[id]?.knownGap === undefined).map(({ id }) => `expected to fail without a known gap: ${id}`);
  return [...unknown, ...uncited, ...gaps];
}

describe('requirements', () => {
  it('are each cited by a test, and none is cited that does not exist', () => {
    const cited = ['apps', 'libs', 'test'].flatMap((group) => [...testFiles(join(root, group))]).flatMap((path) => citations(readFileSync(path, 'utf8')));
    expect(problems(REQUIREMENTS, cited)).toEqual([]);
  });

  it('are held by a gate that bites', () => {
    const sample = { 'a/b': { source: 's', behaviour: 'b' } };
    expect(problems(sample, [])).toEqual(['uncited: a/b']);
    expect(problems(sample, citations("  it('does [a/b] and [c/d]', () => {});"))).toEqual(['unknown: c/d']);
    expect(problems(sample, citations("  ] as const)('does [a/b] to %s', (what) => {}"))).toEqual([]);
    expect(problems(sample, citations("  it.fails('does [a/b]', () => {});"))).toEqual(['expected to fail without a known gap: a/b']);
  });
});
