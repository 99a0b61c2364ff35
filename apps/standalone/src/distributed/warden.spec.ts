import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { transformFile } from '@swc/core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';

let program = '';
const started: ChildProcess[] = [];

beforeAll(async () => {
  const source = fileURLToPath(new URL('./warden-process.ts', import.meta.url));
  expect(readFileSync(source, 'utf8')).toContain('keepWatch');
  program = (await transformFile(source, { swcrc: false, jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } })).code;
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function begin(script: string, args: readonly string[] = []): ChildProcess {
  const child = spawn(process.execPath, [...args, '--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  started.push(child);
  return child;
}

/** A process that answers SIGTERM as `onTerm` says; resolves when it listens for it. */
async function victim(onTerm: string): Promise<ChildProcess> {
  const child = begin(`process.on('SIGTERM', () => { ${onTerm} }); setInterval(() => {}, 1000); console.log('up');`);
  await once(child.stdout ?? child, 'data');
  return child;
}

const entry = (child: ChildProcess, signal: string | null): string => `${JSON.stringify({ pid: child.pid, signal })}\n`;

/** Each of its tests starts processes of Node, which a busy machine takes its time for. */
describe('the warden', { timeout: 30_000 }, () => {
  it('stops what it was told of when its parent is gone without a word', async () => {
    const [polite, own] = [await victim('process.exit(7)'), await victim('')];
    const ends = [once(polite, 'exit'), once(own, 'exit')];
    const warden = begin(program);
    warden.stdin?.write(entry(polite, 'SIGTERM') + entry(own, null));
    warden.stdin?.end();
    own.kill('SIGKILL');
    expect(await Promise.all(ends)).toEqual([[7, null], [null, 'SIGKILL']]);
    expect(await once(warden, 'exit')).toEqual([0, null]);
  });

  it('leaves everything alone once it is dismissed', async () => {
    const other = await victim('process.exit(7)');
    const warden = begin(program);
    const gone = once(warden, 'exit');
    warden.stdin?.write(entry(other, 'SIGTERM'));
    warden.stdin?.end('done\n');
    expect(await gone).toEqual([0, null]);
    expect([other.exitCode, other.signalCode]).toEqual([null, null]);
  });
});
