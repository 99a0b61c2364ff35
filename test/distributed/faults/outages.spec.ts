import { TOPIC } from '@sallyport/broker';
import { ReadWhoamiDocument } from '@sallyport/graphql-contract';
import { checkHistory } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { Distribution } from '../world/distribution.js';
import type { Callers } from '../world/observer.js';
import { replayAll, storedCalls, storedRecords, toldHoles } from '../world/stored-records.js';
import { Tenant, type Held } from '../world/tenant.js';

/** Longer than S and the skew: from here on a worker that hears nothing must have begun to deny. */
const CUT_OFF_MS = 10_000;
const SOON = { timeout: 60_000, interval: 100 };

let all: Distribution;
let tenant: Tenant;
let held: Held;

beforeAll(async () => {
  all = await Distribution.start({ workers: 2 });
  tenant = await Tenant.create(all.fleet.world, all.upstream.url);
  held = await tenant.grant();
});
afterAll(() => all?.end());

/** Everybody answers as ever, and a change is enforced. */
async function expectHealed(): Promise<void> {
  await all.status.until(all.workerIds, ({ state }) => state === 'ready', 60_000);
  await vi.waitFor(() => tenant.admin.run(ReadWhoamiDocument, {}), SOON);
  await vi.waitFor(async () => expect(new Set(await all.seen.verdicts(held))).toEqual(new Set(['allowed'])), SOON);
  const next = await tenant.grant();
  expect(new Set(await all.seen.verdicts(next, 'allowed'))).toEqual(new Set(['allowed']));
  expect((await all.seen.revoke(tenant, next)).enforced).toBe(true);
  expect(new Set(await all.seen.verdicts(next))).toEqual(new Set(['401']));
}

/** Workers hear nothing from now until `mend`; calls go on all the time, beyond the time from which everything must be denied. */
async function cutOff(mend: () => void | Promise<void>): Promise<void> {
  const fromMs = performance.now();
  const callers = all.seen.keepCalling(held);
  await vi.waitFor(() => expect(performance.now() - fromMs).toBeGreaterThan(CUT_OFF_MS), { timeout: CUT_OFF_MS * 3, interval: 100 });
  await callers.more(3);
  const untilMs = performance.now();
  await mend();
  await callers.stop();
  for (const worker of all.workerIds) all.seen.cutOffs.push({ worker, fromMs, untilMs });
  for (const worker of all.workerIds) {
    const late = all.seen.calls.filter((call) => call.worker === worker && call.beganMs > fromMs + 7_000 && call.endedMs < untilMs);
    expect(late.length).toBeGreaterThan(0);
    expect(new Set(late.map(({ verdict }) => verdict))).toEqual(new Set(['policy_stale']));
  }
}

describe('a broker', () => {
  it('that is killed and comes back makes workers deny, not guess, but for who asked to go on, and costs neither a change nor a record [audit/nothing-lost]', async () => {
    const patient = await Tenant.create(all.fleet.world, all.upstream.url);
    const goesOn = await patient.grant();
    await patient.failStatic();
    await all.services.kafka.nodes[0]?.crash();
    await cutOff(async () => {
      expect(await all.fleet.verdicts(goesOn, 'do_it')).toEqual(['allowed', 'allowed']);
      await all.services.kafka.restart(1);
    });
    await expectHealed();
    const calls = all.seen.calls.filter(({ grant }) => grant === held.grantId).length;
    await vi.waitFor(async () => expect(await storedCalls(all.services.databaseUrl, held.grantId)).toBe(calls), SOON);
    await vi.waitFor(async () => expect(checkHistory(all.seen.history({ audit: await storedRecords(all.services.databaseUrl) }))).toEqual([]), SOON);
  });

  it('that stands still for ten seconds does the same, and a revocation asked for meanwhile binds once it is answered', async () => {
    const gone = await tenant.grant();
    expect(new Set(await all.seen.verdicts(gone, 'allowed'))).toEqual(new Set(['allowed']));
    all.services.kafka.nodes[0]?.stall();
    const revocation = all.seen.revoke(tenant, gone);
    const callers = all.seen.keepCalling(gone);
    await cutOff(() => all.services.kafka.nodes[0]?.resume());
    await revocation;
    await callers.more(3);
    await callers.stop();
    await expectHealed();
    expect(new Set(await all.seen.verdicts(gone))).toEqual(new Set(['401']));
    expect(checkHistory(all.seen.history())).toEqual([]);
  });
});

describe('a PostgreSQL', () => {
  it('that is killed and comes back costs no change that was answered and no record', async () => {
    const kept = await tenant.grant();
    const callers = all.seen.keepCalling(kept);
    await all.services.restartPostgres();
    await expectHealed();
    await callers.more(2);
    await callers.stop();
    const calls = all.seen.calls.filter(({ grant }) => grant === kept.grantId).length;
    await vi.waitFor(async () => expect(await storedCalls(all.services.databaseUrl, kept.grantId)).toBe(calls), SOON);
    await vi.waitFor(async () => expect(checkHistory(all.seen.history({ audit: await storedRecords(all.services.databaseUrl) }))).toEqual([]), SOON);
  });
});

describe('a Redis', () => {
  it('that is killed and comes back empty never lets a hard limit be exceeded, and concerns no call without one [limits/survive-restart]', async () => {
    const policy = await tenant.publish({ version: '1', default: 'deny', tools: { do_it: { limits: [{ counter: 'uses', window: 'day', max: 6 }] } } });
    const limited = await tenant.grant({ policy });
    expect(await all.seen.verdicts(limited)).toEqual(['allowed', 'allowed']);
    await vi.waitFor(async () => expect(await storedCalls(all.services.databaseUrl, limited.grantId)).toBe(2), SOON);
    const callers = all.seen.keepCalling(held, { expected: 'allowed' });
    await all.services.redis.crash();
    for (const verdict of await all.seen.verdicts(limited)) expect(verdict).toBe('limit_store_unavailable');
    await all.services.emptyRedis();
    await vi.waitFor(async () => expect(await all.seen.verdicts(limited)).toEqual(['limit_exceeded', 'limit_exceeded']), SOON);
    await callers.more(2);
    await callers.stop();
    expect(all.seen.calls.filter(({ grant, verdict }) => grant === limited.grantId && verdict === 'allowed')).toHaveLength(6);
    expect(checkHistory(all.seen.history({ hardLimits: [{ grant: limited.grantId, max: 6 }] }))).toEqual([]);
  });
});

describe('a worker', () => {
  it('that is killed under calls comes back with its journal: every call that was answered is stored, each record once [audit/nothing-lost]', async () => {
    const mine = await tenant.grant();
    const callers = all.seen.keepCalling(mine);
    await callers.more(5);
    await all.fleet.restartWorker(2);
    await callers.stop();
    await expectHealed();
    const answered = all.seen.calls.filter(({ grant, verdict }) => grant === mine.grantId && verdict === 'allowed').length;
    const { databaseUrl } = all.services;
    await vi.waitFor(async () => expect(await storedCalls(databaseUrl, mine.grantId)).toBeGreaterThanOrEqual(answered), SOON);
    await vi.waitFor(async () => expect(checkHistory(all.seen.history({ audit: await storedRecords(databaseUrl) }))).toEqual([]), SOON);
  });

  it('that is killed as soon as a revocation is in force lets none of it through while it starts again [grant/revocation-binds]', async () => {
    for (let round = 0; round < 4; round += 1) {
      const gone = await tenant.grant();
      expect((await all.seen.revoke(tenant, gone)).enforced).toBe(true);
      const before = all.seen.calls.length;
      let callers: Callers | undefined;
      await all.fleet.restartWorker(2, (listening) => (callers = all.seen.keepCalling(gone, { workers: [listening] })));
      await callers?.more(1);
      await callers?.stop();
      const verdicts = all.seen.calls.slice(before).map(({ verdict }) => verdict);
      expect(verdicts).toContain('401');
      expect(verdicts).not.toContain('allowed');
    }
    expect(checkHistory(all.seen.history())).toEqual([]);
  });
});

describe('after all of that', () => {
  it('no record is missing or doubled, and the events alone give the same tables again [log/rebuild] [audit/nothing-lost]', async () => {
    const admin = { url: all.fleet.world.url, token: all.fleet.world.adminToken };
    const { databaseUrl } = all.services;
    const replays = await replayAll(databaseUrl, admin);
    expect(replays.length).toBeGreaterThan(3);
    const history = all.seen.history({ audit: await storedRecords(databaseUrl), holes: await toldHoles(admin.url, admin.token), replays });
    expect(checkHistory(history)).toEqual([]);
    expect(history.holes).toEqual([]);
    expect((await all.wire.read(TOPIC.auditRejected)).length).toBe(0);
  });
});
