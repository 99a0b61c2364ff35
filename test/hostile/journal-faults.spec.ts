import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { hostileUpstream, type HostileUpstream } from '@sallyport/test-support';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { call, verdictOf } from '../e2e/world/post.js';
import { World, type Access } from '../e2e/world/world.js';

const OPEN = { version: '1', default: 'deny', tools: { do_it: { limits: [{ counter: 'daily', window: 'day', max: 6, scope: 'grant' }] }, other: {} } };
const FREE = { version: '1', default: 'deny', tools: { do_it: {} } };
const MIB = 2 ** 20;
const ROOM = 2 ** 16;
const isRoot = process.getuid?.() === 0;

let upstream: HostileUpstream;
beforeAll(async () => {
  upstream = await hostileUpstream('honest');
});
afterAll(() => upstream.close());
beforeEach(() => upstream.turn('honest'));

describe('a deployment whose owner is killed with calls under way', () => {
  let world: World;
  let access: Access;

  beforeAll(async () => {
    world = await World.start();
    access = await world.open({ slug: 'tools', url: upstream.url, policy: OPEN });
  });
  afterAll(() => world.end());

  it('has every decision afterwards: what was answered, and what was cut off as abandoned [audit/nothing-lost]', async () => {
    const before = upstream.calls().length;
    for (let made = 0; made < 3; made += 1) expect(verdictOf(await call(access, 'do_it', { made }))).toBe('allowed');
    upstream.turn('hang-before-headers');
    const cutOff = call(access, 'do_it', { cutOff: 1 }).catch(() => 'cut off');
    await vi.waitFor(() => expect(upstream.calls().length).toBe(before + 4), { timeout: 20_000, interval: 5 });
    await world.kill9();
    expect(await cutOff).toBe('cut off');
    await world.restart();
    const found = await world.decisions({ grant: access.grantId }, (decisions) => decisions.length === 4);
    expect(found.map(({ outcome }) => outcome).sort()).toEqual(['abandoned', 'allowed', 'allowed', 'allowed']);
    expect(found.find(({ outcome }) => outcome === 'abandoned')?.argumentKeys).toEqual(['cutOff']);
    expect(world.process.stderr).toMatch(/"calls":1,.*recorded as abandoned/);
  });

  it('goes on counting where it was: the call that was cut off may have run, and counts [limits/survive-restart]', async () => {
    upstream.turn('honest');
    access = { ...access, url: new URL('/mcp/tools', world.url).href };
    const verdicts: string[] = [];
    for (let made = 0; made < 3; made += 1) verdicts.push(verdictOf(await call(access, 'do_it')));
    expect(verdicts).toEqual(['allowed', 'allowed', 'limit_exceeded']);
  });
});

describe('a journal that cannot be written any more', () => {
  let world: World;

  beforeEach(async () => {
    world = await World.start();
  });
  afterEach(() => world.end());

  it.runIf(existsSync('/usr/bin/prlimit'))('refuses the call, ends the process with an error that says why, and is whole after the next start', async () => {
    const access = await world.open({ slug: 'tools', url: upstream.url, policy: FREE });
    expect(verdictOf(await call(access, 'do_it', { before: 1 }))).toBe('allowed');
    const reached = upstream.calls().length;
    execFileSync('/usr/bin/prlimit', ['--pid', String(world.process.pid), '--fsize=0']); // every write to a file fails from now on: EFBIG, which is not want of space
    const refused = await call(access, 'do_it', { during: 1 }).then(verdictOf, () => 'no answer');
    expect(['audit_unavailable', 'no answer', '503']).toContain(refused);
    const exit = await world.process.exited;
    expect(exit.code).toBe(1);
    expect(world.process.stderr).toMatch(/journal/);
    expect(upstream.calls().length).toBe(reached);
    await world.restart();
    expect(verdictOf(await call({ ...access, url: new URL('/mcp/tools', world.url).href }, 'do_it', { after: 1 }))).toBe('allowed');
    const found = await world.decisions({ grant: access.grantId }, (decisions) => decisions.length >= 2);
    expect(found.flatMap(({ argumentKeys }) => argumentKeys).filter((key) => key !== 'during').sort()).toEqual(['after', 'before']);
  });
});

describe.runIf(isRoot)('a disk without space for the journal', () => {
  let world: World;
  let journal: string;

  /** Leaves room for a lock and a position, not for a segment of records. */
  const fill = (): void => writeFileSync(join(journal, 'ballast'), Buffer.alloc(statfsSync(journal).bavail * statfsSync(journal).bsize - ROOM));

  beforeAll(async () => {
    world = await World.start();
    journal = join(world.dataFolder, 'journal');
    await world.stop();
    rmSync(journal, { recursive: true });
    mkdirSync(journal, { mode: 0o700 });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${40 * MIB}`, 'tmpfs', journal]);
    fill();
    await world.restart();
  });
  afterAll(async () => {
    if (world.process.isRunning) await world.stop();
    execFileSync('umount', [journal]);
    await world.end();
  });

  it('does not keep it from starting; every call is denied, nothing goes upstream, and the process lives', async () => {
    const access = await world.open({ slug: 'tools', url: upstream.url, policy: FREE });
    const reached = upstream.calls().length;
    for (let made = 0; made < 20; made += 1) expect(verdictOf(await call(access, 'do_it'))).toBe('audit_unavailable');
    expect(upstream.calls().length).toBe(reached);
    expect(await (await fetch(new URL('/healthz', world.url))).json()).toEqual({ alive: true });
  });

  it('lets calls go on by itself when there is room again', async () => {
    const access = await world.grant('tools', 'policy-1');
    rmSync(join(journal, 'ballast'));
    await vi.waitFor(async () => expect(verdictOf(await call(access, 'do_it', { again: 1 }))).toBe('allowed'), { timeout: 30_000, interval: 200 });
    await world.decisions({ grant: access.grantId, outcome: ['allowed'] }, (decisions) => decisions.length > 0);
    expect(await world.readiness()).toBe(200);
  });
});
