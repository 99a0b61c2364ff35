import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openDataFolder } from './data-folder.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-data-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('data folder', () => {
  it('has one owner at a time', () => {
    const data = openDataFolder(join(folder, 'data'));
    expect(() => openDataFolder(data.path)).toThrow(/already runs Sallyport.*--data DIR/);
    data.release();
    openDataFolder(data.path).release();
  });

  it('is taken over from an owner that died', async () => {
    const child = spawn('sleep', ['60']);
    writeFileSync(join(folder, 'owner.json'), JSON.stringify({ pid: child.pid, startedAt: null }));
    expect(() => openDataFolder(folder)).toThrow(/Process \d+ already/);
    child.kill('SIGKILL');
    await once(child, 'exit');
    openDataFolder(folder).release();
  });

  it('is taken over when the owner\'s process id now belongs to somebody else', () => {
    writeFileSync(join(folder, 'owner.json'), JSON.stringify({ pid: process.pid, startedAt: '1' }));
    openDataFolder(folder).release();
  });

  it('is taken over from an owner that died while writing its name', () => {
    writeFileSync(join(folder, 'owner.json'), '{"pid":');
    openDataFolder(folder).release();
  });

  it('says what to do when it cannot be made', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => openDataFolder(join(folder, 'file', 'data'))).toThrow(/cannot be written: .*--data DIR/);
  });
});
