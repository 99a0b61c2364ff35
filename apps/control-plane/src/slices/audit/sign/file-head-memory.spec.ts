import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { AUDIT_HEADS_FILE, FileHeadMemory } from './file-head-memory.js';

const root = 'ab'.repeat(32);

describe('the memory of signed heads', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'audit-heads-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is empty at first, and holds after a start what was kept before', () => {
    const memory = new FileHeadMemory(folder);
    expect([memory.origins(), memory.recall('one')]).toEqual([[], undefined]);
    memory.keep(new Map([['one', { size: 3, root }], ['two', { size: 5, root }]]));
    memory.keep(new Map([['one', { size: 4, root }]]));
    const again = new FileHeadMemory(folder);
    expect(again.recall('one')).toEqual({ size: 4, root });
    expect(again.origins()).toEqual(['one', 'two']);
  });

  it('forgets what it is told to', () => {
    new FileHeadMemory(folder).keep(new Map([['one', { size: 3, root }]]));
    new FileHeadMemory(folder).keep(new Map(), ['one']);
    expect(new FileHeadMemory(folder).origins()).toEqual([]);
  });

  it('is its owner\'s alone, and leaves no other file', () => {
    new FileHeadMemory(folder).keep(new Map([['one', { size: 3, root }]]));
    expect(readdirSync(folder)).toEqual([AUDIT_HEADS_FILE]);
    expect(statSync(join(folder, AUDIT_HEADS_FILE)).mode & 0o777).toBe(0o600);
  });

  it.each(['', 'nonsense', '[]x', 'null', '{"one":3}', '{"one":{"size":-1.5,"root":"00"}}', '{"one":{"size":1,"root":"zz"}}'])('is not guessed from a file that holds %o', (text) => {
    writeFileSync(join(folder, AUDIT_HEADS_FILE), text);
    expect(() => new FileHeadMemory(folder)).toThrow();
  });
});
