import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { Child, START_DISTRIBUTED, groupIsAlive, isAlive, run } from '../e2e/world/child.js';
import { removeFolder, temporaryFolder } from '../e2e/world/temporary-folder.js';
import { Fleet } from './world/fleet.js';

interface Process {
  readonly role: string;
  readonly pid: number;
}

const processesOf = (fleet: Fleet): readonly Process[] => fleet.world.lines.find(({ event }) => event === 'ready')?.['processes'] as readonly Process[];

/** Resolves when no process of the group is left, zombies aside. */
async function groupIsGone(groupId: number): Promise<void> {
  await vi.waitFor(() => {
    if (groupIsAlive(groupId)) throw new Error(`processes of group ${groupId} are left`);
  }, { timeout: 30_000, interval: 100 });
}

describe('the first start:distributed', () => {
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = await Fleet.start({ workers: 1, demo: true });
  });
  afterAll(() => fleet.end());

  it('tells a script the same as start does, in order', () => {
    expect(fleet.world.lines.map(({ event }) => event)).toEqual(['admin_token', 'demo_call', 'demo_call', 'demo_call', 'client_config', 'ready']);
    const calls = fleet.world.lines.filter(({ event }) => event === 'demo_call');
    expect(calls.map(({ tool, outcome }) => [tool, outcome])).toEqual([['echo', 'allowed'], ['get-env', 'denied'], ['echo', 'limited']]);
    expect(fleet.world.lines.at(-1)).toMatchObject({ url: fleet.world.url, graphqlUrl: `${fleet.world.url}/graphql`, dataDir: fleet.world.dataFolder, firstRun: true });
  });

  it('has each process in its own group, answering at its own address', async () => {
    const [worker] = fleet.workers;
    for (const { pid } of processesOf(fleet)) expect(groupOf(pid)).toBe(fleet.world.process.pid);
    for (const url of [fleet.world.url, worker?.url ?? '']) {
      expect(await (await fetch(new URL('/healthz', url))).json()).toEqual({ alive: true });
      expect(await (await fetch(new URL('/readyz', url))).json()).toEqual({ ready: true, missing: [] });
      expect(await (await fetch(new URL('/metrics', url))).text()).toMatch(/^# TYPE sallyport_/m);
    }
    expect((await fetch(new URL('/graphql', worker?.url))).status).toBe(404);
    expect((await fetch(new URL('/mcp/everything', fleet.world.url))).status).toBe(404);
  });

  it('gives workers no way to the database', () => {
    const environment = readFileSync(`/proc/${fleet.workers[0]?.pid}/environ`, 'utf8').split('\0');
    expect(environment.filter((entry) => /postgres/i.test(entry.split('=').slice(1).join('='))).map((entry) => entry.split('=')[0])).toEqual([]);
    expect(environment.find((entry) => entry.startsWith('SALLYPORT_TRUST_KEYS='))).toMatch(/=ed25519:/);
  });

  it('keeps the admin token for the CLI, which sees every worker and can wait for them', async () => {
    expect(statSync(join(fleet.world.dataFolder, 'cli.json')).mode & 0o777).toBe(0o600);
    const workers = JSON.parse((await fleet.world.cli(['worker', 'list', '--json'])).stdout) as readonly Record<string, unknown>[];
    expect(workers).toEqual([{ workerId: 'worker-1', appliedRevision: await fleet.world.revision(), stampAgeMs: expect.any(Number), state: 'ready' }]);
    const waited = await fleet.world.cli(['revision', '--wait', 'enforced', '--json']);
    expect(waited.code).toBe(0);
    expect(JSON.parse(waited.stdout)).toMatchObject({ reached: true, outstanding: [] });
  });

  it('keeps everything for the next start, and names a process that ended by itself while the others go on', async () => {
    const before = { token: fleet.world.adminToken, revision: await fleet.world.revision() };
    expect(await fleet.world.stop()).toBe(0);
    await groupIsGone(fleet.world.process.pid);
    await fleet.world.restart();
    expect(fleet.world.lines.map(({ event }) => event)).toEqual(['ready']);
    expect(fleet.world.lines[0]).toMatchObject({ firstRun: false });
    expect([fleet.world.adminToken, await fleet.world.revision()]).toEqual([before.token, before.revision]);
    expect(await fleet.world.decisions({}, (nodes) => nodes.length === 3)).toHaveLength(3);
    const worker = processesOf(fleet).find(({ role }) => role === 'worker');
    await fleet.kill(worker?.pid ?? 0);
    expect(await fleet.world.process.until('process_ended')).toMatchObject({ role: 'worker', name: 'worker-1', pid: worker?.pid, how: 'SIGKILL' });
    expect(await fleet.world.readiness()).toBe(200);
  });

  it('leaves no process behind when it is killed, not even a stalled one', async () => {
    const plane = processesOf(fleet).find(({ role }) => role === 'control-plane')?.pid ?? 0;
    process.kill(plane, 'SIGSTOP');
    await fleet.world.kill9();
    await groupIsGone(fleet.world.process.pid);
    expect(processesOf(fleet).filter(({ pid }) => isAlive(pid))).toEqual([]);
  });
});

describe('npm run start:distributed', () => {
  it('ends with 0 when a terminal interrupts all of its group at once', async () => {
    const folder = temporaryFolder();
    const flags = ['--json', '--no-demo', '--workers', '1', '--listen', '127.0.0.1:0', '--data', join(folder, 'data'), '--config', join(folder, 'sallyport.yaml')];
    const child = Child.start('npm', ['run', '--silent', 'start:distributed', '--', ...flags]);
    try {
      await child.until('ready');
      process.kill(-child.pid, 'SIGINT');
      expect(await child.exited).toEqual({ code: 0, signal: null });
      await groupIsGone(child.pid);
    } finally {
      await child.sweep();
      removeFolder(folder);
    }
  });
});

describe('a distributed start that cannot work', () => {
  let folder: string;

  beforeAll(() => {
    folder = temporaryFolder();
  });
  afterAll(() => removeFolder(folder));

  it('says everything that is wrong, and starts nothing', async () => {
    const args = [START_DISTRIBUTED, '--json', '--workers', 'many', '--data', join(folder, 'data')];
    const { code, stdout, stderr } = await run(process.execPath, args, { env: { SALLYPORT_LOG: 'chatty-value' } });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('--workers must be a number from 1 to 64.');
    expect(stderr).toContain('SALLYPORT_LOG must be error, warn, info or debug.');
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('ends with 1 and the sentence when a part cannot start, and leaves nothing running', async () => {
    const child = Child.start(process.execPath, [START_DISTRIBUTED, '--json', '--no-demo', '--listen', '127.0.0.1:0', '--data', join(folder, 'data'), '--config', join(folder, 'sallyport.yaml')], { env: { DATABASE_URL: 'postgres://nobody:x@127.0.0.1:1/none' } });
    expect((await child.exited).code).toBe(1);
    expect(child.stderr).toMatch(/The control plane \(process \d+\) ended \(exit code 1\) before it was ready/);
    expect(child.stderr).not.toContain('nobody:x');
    await groupIsGone(child.pid);
  });
});

function groupOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
}
