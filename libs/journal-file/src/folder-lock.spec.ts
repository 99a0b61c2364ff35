import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { LOCK_FILE, lockFolder } from './folder-lock.js';

describe('folder lock', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-lock-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const leaveLock = (owner: unknown) => writeFileSync(join(folder, LOCK_FILE), JSON.stringify(owner));
  const inUse = expect.objectContaining({ code: 'journal_file.in_use' });

  it('admits one owner at a time, and the next when it is given up', () => {
    const unlock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(inUse);
    unlock();
    lockFolder(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses the folder of another living process', () => {
    leaveLock({ pid: process.ppid, startedAt: null });
    expect(() => lockFolder(folder)).toThrow(inUse);
  });

  it('takes over from a process that is gone', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    leaveLock({ pid, startedAt: null });
    lockFolder(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes over from a process whose pid another has by now', () => {
    leaveLock({ pid: process.pid, startedAt: 'an earlier boot:1234' });
    lockFolder(folder)();
  });

  it('takes over a lock that was lost with the power', () => {
    writeFileSync(join(folder, LOCK_FILE), '');
    lockFolder(folder)();
  });

  it('never judges an owner while another process does', () => {
    leaveLock({ pid: process.pid, startedAt: 'an earlier boot:1234' });
    writeFileSync(join(folder, `${LOCK_FILE}.takeover`), '{}');
    expect(() => lockFolder(folder)).toThrow(inUse);
  });

  it('leaves a lock alone that is no longer its own', () => {
    const unlock = lockFolder(folder);
    leaveLock({ pid: process.ppid, startedAt: null });
    unlock();
    expect(readdirSync(folder)).toEqual([LOCK_FILE]);
  });
});
