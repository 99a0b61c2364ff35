import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { lockFolder, type FolderHolder } from './folder-lock.js';

const LOCK_FILE = 'one.lock';

describe('folder lock', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-lock-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const leaveLock = (owner: unknown) => writeFileSync(join(folder, LOCK_FILE), JSON.stringify(owner));
  const lock = () => lockFolder(join(folder, LOCK_FILE));
  const taken = (): (() => void) => {
    const locked = lock();
    if (!locked.ok) throw new Error(locked.refusal.kind);
    return locked.value;
  };
  const refusedBy = (holder: FolderHolder) => ({ ok: false, refusal: holder });

  it('admits one owner at a time, and the next when it is given up', () => {
    const unlock = taken();
    expect(lock()).toEqual(refusedBy({ kind: 'owner', pid: process.pid }));
    unlock();
    taken()();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses the folder of another living process', () => {
    leaveLock({ pid: process.ppid, startedAt: null });
    expect(lock()).toEqual(refusedBy({ kind: 'owner', pid: process.ppid }));
  });

  it('takes over from a process that is gone', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    leaveLock({ pid, startedAt: null });
    taken()();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes over from a process that ended and was not yet waited for', async () => {
    const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const pid = Number((await once(parent.stdout, 'data'))[0]);
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /);
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    leaveLock({ pid, startedAt: `${bootId}:${readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19]}` });
    taken()();
    parent.kill('SIGKILL');
    await once(parent, 'exit');
  });

  it('takes over from a process whose pid another has by now', () => {
    leaveLock({ pid: process.pid, startedAt: 'an earlier boot:1234' });
    taken()();
  });

  it('takes over a lock that was lost with the power', () => {
    writeFileSync(join(folder, LOCK_FILE), '');
    taken()();
  });

  it('never judges an owner while another process does', () => {
    leaveLock({ pid: process.pid, startedAt: 'an earlier boot:1234' });
    writeFileSync(join(folder, `${LOCK_FILE}.takeover`), '{}');
    expect(lock()).toEqual(refusedBy({ kind: 'takeover', guard: join(folder, `${LOCK_FILE}.takeover`) }));
  });

  it('leaves a lock alone that is no longer its own', () => {
    const unlock = taken();
    leaveLock({ pid: process.ppid, startedAt: null });
    unlock();
    expect(readdirSync(folder)).toEqual([LOCK_FILE]);
  });
});
