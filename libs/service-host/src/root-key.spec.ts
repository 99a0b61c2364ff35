import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { RootKey } from '@sallyport/secrets-aes';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openRootKey as open, type RootKeySource } from './root-key.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-key-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const openRootKey = (source: Partial<RootKeySource>): RootKey => open({ dataFolder: folder, rootKey: null, rootKeyFile: null, ...source }, RootKey.parse);

describe('root key', () => {
  it('is made once, readable by its owner alone', () => {
    const first = openRootKey({}).derive('x');
    expect(openRootKey({}).derive('x')).toEqual(first);
    expect(statSync(join(folder, 'root.key')).mode & 0o777).toBe(0o600);
  });

  it('is refused with the place it came from, never with its text', () => {
    expect(() => openRootKey({ rootKey: 'short' })).toThrow(/SALLYPORT_ROOT_KEY does not hold/);
    expect(() => openRootKey({ rootKeyFile: join(folder, 'none') })).toThrow(/cannot be read/);
  });
});
