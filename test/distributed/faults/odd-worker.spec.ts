import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { checkHistory } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { Distribution } from '../world/distribution.js';
import { startExtraWorker } from '../world/extra-worker.js';
import type { FleetWorker } from '../world/fleet.js';
import { forgetKilled, MovedClock } from '../world/moved-clock.js';
import { storedCalls, storedRecords } from '../world/stored-records.js';
import { Tenant, type Held } from '../world/tenant.js';

const MIB = 2 ** 20;
/** Enough for a lock and a position, not for a segment of records. */
const ROOM = MIB;
const SOON = { timeout: 60_000, interval: 100 };
const isRoot = process.getuid?.() === 0;

let all: Distribution;
let tenant: Tenant;
let held: Held;

beforeAll(async () => {
  all = await Distribution.start({ workers: 1 });
  tenant = await Tenant.create(all.fleet.world, all.upstream.url);
  held = await tenant.grant();
});
afterAll(() => all?.end());

async function becomes(worker: FleetWorker, grant: Held, verdict: string): Promise<void> {
  await vi.waitFor(async () => expect(await all.seen.call(worker, grant)).toBe(verdict), SOON);
}

describe('a worker whose clock is moved', () => {
  let clock: MovedClock;
  let worker: FleetWorker;

  beforeAll(async () => {
    clock = MovedClock.at(join(all.fleet.world.folder, 'clock'));
    worker = await startExtraWorker(all.fleet, { workerId: 'worker-clock', env: clock.env });
  });
  afterAll(async () => {
    if (worker === undefined) return;
    await all.fleet.kill(worker.pid);
    forgetKilled(worker.pid);
  });

  it('denies while it is ahead or behind, keeps nobody from enforcing a revocation, and goes on when it is right again', async () => {
    const others = all.seen.keepCalling(held, { workers: all.fleet.workers, expected: 'allowed' });
    await becomes(worker, held, 'allowed');
    clock.move(20_000);
    await becomes(worker, held, 'policy_stale');
    const gone = await tenant.grant();
    expect((await all.seen.revoke(tenant, gone)).enforced).toBe(true);
    clock.move(-20_000);
    await becomes(worker, held, 'clock_skew');
    clock.move(0);
    await becomes(worker, held, 'allowed');
    expect(await all.seen.call(worker, gone)).toBe('401');
    await others.stop();
    expect(checkHistory(all.seen.history())).toEqual([]);
  });

  it('that is behind by no more than the skew still denies by S and the skew once nothing comes', async () => {
    clock.move(-1_500);
    const both = [...all.fleet.workers, worker];
    await becomes(worker, held, 'allowed');
    const plane = all.fleet.pidOf('control-plane');
    process.kill(plane, 'SIGSTOP');
    const fromMs = performance.now();
    const callers = all.seen.keepCalling(held, { workers: both });
    try {
      await vi.waitFor(() => expect(performance.now() - fromMs).toBeGreaterThan(8_000), SOON);
      await callers.more(3);
    } finally {
      const untilMs = performance.now();
      for (const { workerId } of both) all.seen.cutOffs.push({ worker: workerId, fromMs, untilMs });
      process.kill(plane, 'SIGCONT');
      await callers.stop();
    }
    clock.move(0);
    for (const one of both) await becomes(one, held, 'allowed');
    expect(checkHistory(all.seen.history())).toEqual([]);
  });
});

describe.runIf(isRoot)('a worker without space for its journal', () => {
  let journal: string;
  let worker: FleetWorker;

  beforeAll(async () => {
    journal = join(all.fleet.world.dataFolder, 'workers', 'worker-full', 'journal');
    mkdirSync(journal, { recursive: true, mode: 0o700 });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${40 * MIB}`, 'tmpfs', journal]);
    const { bavail, bsize } = statfsSync(journal);
    writeFileSync(join(journal, 'ballast'), Buffer.alloc(bavail * bsize - ROOM));
    worker = await startExtraWorker(all.fleet, { workerId: 'worker-full' });
  });
  afterAll(async () => {
    if (worker !== undefined) await all.fleet.kill(worker.pid);
    execFileSync('umount', ['--lazy', journal]); // the last of the worker's threads may still be closing its files
  });

  it('sends nothing upstream while the others go on, and begins by itself when there is room, with every record stored [audit/decided-first]', async () => {
    const mine = await tenant.grant();
    const reached = all.upstream.calls().length;
    for (let count = 0; count < 10; count += 1) expect(await all.seen.call(worker, mine)).toBe('audit_unavailable');
    expect(all.upstream.calls().length).toBe(reached);
    expect(await all.seen.verdicts(mine, 'allowed')).toEqual(['allowed']);
    rmSync(join(journal, 'ballast'));
    await becomes(worker, mine, 'allowed');
    const calls = all.seen.calls.filter(({ grant, verdict }) => grant === mine.grantId && verdict === 'allowed').length;
    await vi.waitFor(async () => expect(await storedCalls(all.services.databaseUrl, mine.grantId)).toBe(calls), SOON);
    await vi.waitFor(async () => expect(checkHistory(all.seen.history({ audit: await storedRecords(all.services.databaseUrl) }))).toEqual([]), SOON);
  });
});
