import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { Fault } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;
const CATALOGUE = /\bexport const (\w+) = defineFaults\(/g;

interface Listed {
  readonly code: string;
  readonly kind: string;
  readonly retry: string;
  readonly publicText: string;
}

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (['node_modules', 'dist', 'generated'].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (path.endsWith('.ts') && !path.endsWith('.spec.ts')) yield path;
  }
}

/** Every fault that some catalogue in the sources can make. */
async function made(): Promise<readonly Listed[]> {
  const listed: Listed[] = [];
  for (const path of ['apps', 'libs'].flatMap((group) => [...sources(join(root, group))])) {
    const names = [...readFileSync(path, 'utf8').matchAll(CATALOGUE)].map((found) => found[1] ?? '').filter((name) => !path.endsWith('kernel/src/fault.ts') && name !== '');
    if (names.length === 0) continue;
    const module = (await import(/* @vite-ignore */ path)) as Readonly<Record<string, Readonly<Record<string, (text: string) => unknown>>>>;
    for (const name of names) {
      for (const make of Object.values(module[name] ?? {})) {
        const fault = make('the operator’s sentence');
        if (fault instanceof Fault) listed.push({ code: fault.code, ...fault.spec });
      }
    }
  }
  return listed.sort((a, b) => a.code.localeCompare(b.code));
}

/** Every row of the README's table. */
function documented(): readonly Listed[] {
  const rows = readFileSync(join(root, 'test/pins/README.md'), 'utf8').matchAll(/^\| `([a-z_]+\.[a-z_]+)` \| (\w+) \| (\w+) \| (.+) \|$/gm);
  return [...rows].map(([, code = '', kind = '', retry = '', publicText = '']) => ({ code, kind, retry, publicText }));
}

describe('fault codes', () => {
  it('are the ones the table lists, with its kinds, advice and public sentences', async () => {
    const [faults, table] = [await made(), documented()];
    expect(faults.length).toBeGreaterThan(30);
    expect(faults).toEqual(table);
  });

  it('are each defined once', async () => {
    const codes = (await made()).map(({ code }) => code);
    expect(codes).toEqual([...new Set(codes)]);
  });

  it('tell callers nothing of the inside', async () => {
    for (const { code, publicText } of await made()) {
      expect(publicText, code).toMatch(/^[A-Z].*[.]$/);
      expect(publicText, code).not.toMatch(/operator’s sentence|undefined|\$\{|stack|exception/i);
    }
  });
});
