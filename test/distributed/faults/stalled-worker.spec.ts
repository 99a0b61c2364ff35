import { checkHistory } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { Distribution } from '../world/distribution.js';
import type { FleetWorker } from '../world/fleet.js';
import { Tenant, type Held } from '../world/tenant.js';

let all: Distribution;
let tenant: Tenant;
let held: Held;

beforeAll(async () => {
  all = await Distribution.start({ workers: 4 });
  tenant = await Tenant.create(all.fleet.world, all.upstream.url);
  held = await tenant.grant();
});
afterAll(() => all?.end());

const third = (): FleetWorker => {
  const worker = all.fleet.workers[2];
  if (worker === undefined) throw new Error('there are four');
  return worker;
};

describe('one worker of four that stands still across a revocation', () => {
  it('allows nothing once that was answered as enforced, not even what it was sent before, when it goes on again [grant/revocation-binds]', async () => {
    const gone = await tenant.grant();
    const goesOn = all.fleet.workers.filter((worker) => worker !== third());
    expect(new Set(await all.seen.verdicts(gone, 'allowed'))).toEqual(new Set(['allowed']));
    process.kill(third().pid, 'SIGSTOP');
    const fromMs = performance.now();
    let waiting: readonly Promise<string>[] = [];
    try {
      const callers = all.seen.keepCalling(gone, { workers: goesOn });
      const revoked = await all.seen.revoke(tenant, gone);
      await callers.more(3);
      await callers.stop();
      expect(revoked).toMatchObject({ enforced: true, outstanding: [] });
      expect(await all.seen.verdicts(gone, '401', goesOn)).toEqual(['401', '401', '401']);
      waiting = Array.from({ length: 5 }, () => all.seen.call(third(), gone));
      all.seen.cutOffs.push({ worker: third().workerId, fromMs, untilMs: performance.now() });
    } finally {
      process.kill(third().pid, 'SIGCONT');
    }
    expect(new Set(await Promise.all(waiting)).has('allowed')).toBe(false);
    await vi.waitFor(async () => expect(await all.seen.call(third(), held)).toBe('allowed'), { timeout: 30_000, interval: 20 });
    expect(await all.seen.verdicts(gone, '401')).toEqual(['401', '401', '401', '401']);
    expect(checkHistory(all.seen.history())).toEqual([]);
  });

  it('catches up with what happened meanwhile, to the same state as the others', async () => {
    process.kill(third().pid, 'SIGSTOP');
    const made: Held[] = [];
    try {
      for (let count = 0; count < 10; count += 1) made.push(await tenant.grant({ waitFor: 'COMMITTED' }));
    } finally {
      process.kill(third().pid, 'SIGCONT');
    }
    for (const grant of made) await vi.waitFor(async () => expect(await all.seen.call(third(), grant)).toBe('allowed'), { timeout: 30_000, interval: 20 });
    const revision = (): ReadonlySet<number | undefined> => new Set(all.workerIds.map((id) => revisionAt(id)));
    await vi.waitFor(() => expect(revision().size).toBe(1), { timeout: 30_000, interval: 100 });
    expect(checkHistory(all.seen.history())).toEqual([]);
  });
});

/** The tenant's newest revision that a worker said it has applied. */
function revisionAt(workerId: string): number | undefined {
  const said = all.status.reports.filter((report) => report.workerId === workerId).flatMap(({ applied }) => applied.filter(({ organisationId }) => organisationId === tenant.organisationId));
  return said.at(-1)?.revision;
}
