import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openOperatorFile, readOperatorFile } from './operator-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-operator-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the operator’s file of a process that does not write it', () => {
  it('opens nothing where there is none and nobody named one, and is not made', () => {
    const path = join(folder, 'sallyport.yaml');
    expect(readOperatorFile(path, false)).toMatchObject({ stdio: [], egress: { allow: [] } });
    expect(existsSync(path)).toBe(false);
  });

  it('must be there when it was named', () => {
    expect(() => readOperatorFile(join(folder, 'mine.yaml'), true)).toThrow(/mine\.yaml cannot be read/);
  });

  it('is the one that a first start wrote', () => {
    const path = join(folder, 'sallyport.yaml');
    expect(openOperatorFile(path, true)).toEqual(readOperatorFile(path, true));
  });

  it('stops the start with the line of what is wrong', () => {
    const path = join(folder, 'sallyport.yaml');
    writeFileSync(path, 'stdio: []\negres: {}\n');
    expect(() => readOperatorFile(path, false)).toThrow(/^sallyport\.yaml:2: "egres"/);
  });
});
