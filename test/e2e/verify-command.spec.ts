import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { verifierKeyText } from '@sallyport/audit-chain';
import { aCheckpoint, aLog, aNoteSigner, anExport, fileOf } from '@sallyport/audit-chain/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SALLYPORT = fileURLToPath(new URL('../../apps/cli/bin/sallyport.mjs', import.meta.url));
const log = aLog(30);
const fork = aLog(30, { factAt: (seq) => (seq === 12 ? { outcome: 'denied' } : {}) });
let folder: string;

/** Runs the command as an auditor does: no server, no token, an environment without either. */
function verify(...argv: readonly string[]): { readonly code: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SALLYPORT, ...argv], { cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'] } });
  return { code: status, out: stdout, err: stderr };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-verify-command-'));
  const lines = await anExport(log);
  const files = {
    'audit.keys': `${verifierKeyText(log.key)}\n`,
    'intact.ndjson': fileOf(lines),
    'middle.ndjson': fileOf(await anExport(log, { from: 10 })),
    'modified.ndjson': fileOf(lines.with(6, lines[6]?.replace('billing', 'killing') ?? '')),
    'missing.ndjson': fileOf(lines.toSpliced(6, 1)),
    'cut.ndjson': fileOf(lines.slice(0, 20)),
    'swapped.ndjson': fileOf(lines.with(6, lines[7] ?? '').with(7, lines[6] ?? '')),
    'other-key.ndjson': fileOf(await anExport(log, { signers: [aNoteSigner(log.origin, 66)] })),
    'head.txt': aCheckpoint(log, 20),
    'fork.txt': aCheckpoint(fork, 20),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('sallyport verify, as it is installed', () => {
  const chain = (file: string, ...more: readonly string[]): readonly string[] => ['verify', 'chain', file, '--key', 'audit.keys', ...more];

  it.each([
    [0, 'an intact export', chain('intact.ndjson', '--against', 'head.txt'), 'Intact'],
    [1, 'a checkpoint that the file cannot be compared with', chain('middle.ndjson', '--against', 'head.txt'), 'Not decided: The events could not be compared'],
    [2, 'a changed event', chain('modified.ndjson'), 'Not intact: modified, first at event 7'],
    [3, 'a missing event', chain('missing.ndjson'), 'Not intact: missing, first at event 7'],
    [3, 'a file that was cut', chain('cut.ndjson'), 'Not intact: missing, first at event 21'],
    [4, 'two events that changed places', chain('swapped.ndjson'), 'Not intact: out of order, first at event 7'],
    [5, 'a signature by another key', chain('other-key.ndjson'), 'Not intact: bad signature, first at event 1'],
    [6, 'a signed head of another history', chain('intact.ndjson', '--against', 'fork.txt'), 'Not intact: two histories, first at event 1'],
  ])('ends with %i for %s', (code, _, argv, says) => {
    const ended = verify(...argv);
    expect({ code: ended.code, err: ended.err }).toEqual({ code, err: '' });
    expect(ended.out).toContain(says);
  });

  it.each([
    ['a file that is not there', ['verify', 'chain', 'nothing.ndjson', '--key', 'audit.keys']],
    ['no key', ['verify', 'chain', 'intact.ndjson']],
    ['no file', ['verify', 'chain']],
    ['an option that there is not', ['verify', 'chain', 'intact.ndjson', '--keys', 'audit.keys']],
    ['flags before the command', ['--url', 'https://sallyport.example', 'verify', 'chain']],
  ])('ends with 1 and a sentence on stderr for %s', (_, argv) => {
    const ended = verify(...argv);
    expect({ code: ended.code, out: ended.out }).toEqual({ code: 1, out: '' });
    expect(ended.err).toMatch(/\S/);
  });
});
