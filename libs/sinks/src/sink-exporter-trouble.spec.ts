import { describe, expect, it } from 'vitest';

import { AWAY, aSinkAtWork } from './testing/a-sink-at-work.js';

describe('a receiver that takes nothing', () => {
  it('is asked again after 0.5 s that double up to five minutes, at random below that', async () => {
    const { world, receiver, plan } = aSinkAtWork({}, { random: () => 0.999_999 });
    const times: number[] = [];
    receiver.behave(() => (times.push(world.clock.monotonicMs()), AWAY));
    world.add(1);
    world.export(plan);
    await world.pass(3_000_000);
    const gaps = times.slice(1).map((time, at) => Math.round((time - (times[at] ?? 0)) / 1_000));
    expect(gaps.slice(0, 14)).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]);
  });

  it('shows as backing off, with since when and why, and as active when it is back', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    await receiver.away();
    const ids = world.add(3);
    world.export(plan);
    await world.pass(2_000);
    expect(await world.progress(plan)).toMatchObject({ state: 'backoff', stateReason: 'the receiver is away', cursor: 0, lastError: { class: 'unavailable', reason: 'the receiver is away' } });
    await receiver.back();
    await world.pass(10_000);
    expect(receiver.arrivals).toEqual(ids);
    expect(await world.progress(plan)).toMatchObject({ state: 'active', cursor: 3, failures: 0, failingSinceMs: null, retryAtMs: null });
  });

  it('is left alone for as long as it asks, up to an hour, and not for what is no time', async () => {
    for (const [asked, waited] of [[20_000, 20_000], [5_000_000, 3_600_000], [Number.NaN, 250], [-5, 250], [1e15, 250]] as const) {
      const { world, receiver, plan } = aSinkAtWork();
      const times: number[] = [];
      receiver.behave((batch) => (times.push(world.clock.monotonicMs()), times.length === 1 ? { ...AWAY, retryAfterMs: asked } : receiver.keep(batch)));
      world.add(1);
      world.export(plan);
      await world.pass(3_700_000);
      expect((times[1] ?? 0) - (times[0] ?? 0), `asked for ${asked}`).toBe(waited);
    }
  });

  it('is asked again soon though the wall clock was set an hour back', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    await receiver.away();
    const ids = world.add(3);
    world.export(plan);
    await world.pass(2_000);
    await receiver.back();
    world.clock.setWall(world.clock.now() - 3_600_000);
    await world.pass(10_000);
    expect(receiver.arrivals).toEqual(ids);
    expect(await world.progress(plan)).toMatchObject({ state: 'active', cursor: 3 });
  });

  it('that answers 500 for two hours is asked some forty times, and then gets everything, in order', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    let attempts = 0;
    receiver.behave(() => ((attempts += 1), { kind: 'unavailable', reason: 'The receiver answered HTTP 500.' }));
    const ids = [...world.add(30)];
    world.export(plan);
    await world.pass(3_600_000);
    ids.push(...world.add(30));
    await world.pass(3_600_000);
    expect(attempts).toBeGreaterThan(20);
    expect(attempts).toBeLessThan(80);
    receiver.behave((batch) => receiver.keep(batch));
    await world.pass(300_000);
    expect(receiver.arrivals).toEqual(ids);
    expect(await world.progress(plan)).toMatchObject({ state: 'active', cursor: 60, failures: 0 });
  });

  it('is paused after seven days, which the stream says, and goes on when a person resumes it', async () => {
    const { world, receiver, plan } = aSinkAtWork({}, { limits: { lookMs: 300_000, leaseMs: 900_000 } });
    await receiver.away();
    const ids = world.add(1);
    const exporter = world.export(plan);
    await world.pass(7 * 24 * 3_600_000 + 400_000);
    expect(await world.progress(plan)).toMatchObject({ state: 'paused', pauseCause: 'failing', advice: expect.stringContaining('resume') as string });
    await receiver.back();
    await world.pass(600_000);
    expect(receiver.arrivals).toEqual([]);
    await world.administration.resume(plan, 'member-1');
    exporter.nudge();
    await world.pass(2_000);
    expect(receiver.arrivals.slice(0, 1)).toEqual(ids);
    expect((await world.said()).map((fact) => fact.type)).toEqual(['export.paused', 'export.resumed']);
    expect(receiver.arrivals).toHaveLength(3);
  });

  it('is paused after seven days though the wall clock was set a month back when it had just begun to fail', async () => {
    const { world, receiver, plan } = aSinkAtWork({}, { limits: { lookMs: 300_000, leaseMs: 900_000 } });
    await receiver.away();
    world.add(1);
    world.export(plan);
    await world.pass(60_000);
    world.clock.setWall(world.clock.now() - 30 * 24 * 3_600_000);
    await world.pass(7 * 24 * 3_600_000 + 900_000);
    expect(await world.progress(plan)).toMatchObject({ state: 'paused', pauseCause: 'failing' });
  });

  it('is paused when it refuses the credentials, without the credential in any word, until the settings change', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    receiver.behave(() => ({ kind: 'paused', cause: 'auth', reason: '401 for whsec_very_secret', advice: 'Give another token.' }));
    const ids = world.add(1);
    const exporter = world.export(plan);
    await world.pass(60_000);
    expect(await world.progress(plan)).toMatchObject({ state: 'paused', pauseCause: 'auth', stateReason: '401 for <secret>', advice: 'Give another token.' });
    expect(JSON.stringify(await world.said())).not.toContain('very_secret');
    await exporter.stop();
    receiver.behave(null);
    world.export({ ...plan, version: 2 });
    await world.pass(2_000);
    expect(receiver.arrivals.slice(0, 1)).toEqual(ids);
  });

  it('stays as a person paused it when its settings change, and is resumed from another process within seconds', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    const exporter = world.export(plan);
    await world.pass(100);
    await world.administration.pause(plan, { askedBy: 'member-1', reason: 'maintenance' });
    await world.pass(6_000);
    await exporter.stop();
    world.add(1);
    world.export({ ...plan, version: 2 });
    await world.pass(20_000);
    expect(receiver.arrivals).toEqual([]);
    await world.administration.resume(plan, 'member-1');
    await world.pass(6_000);
    expect(receiver.arrivals).toHaveLength(3);
  });

  it('takes nothing while it is disabled, and what came meanwhile when it is enabled', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    const exporter = world.export({ ...plan, enabled: false });
    const ids = world.add(2);
    await world.pass(20_000);
    expect([receiver.arrivals, (await world.progress(plan)).state]).toEqual([[], 'disabled']);
    await exporter.stop();
    world.export({ ...plan, version: 2 });
    await world.pass(2_000);
    expect(receiver.arrivals.slice(0, 2)).not.toEqual([]);
    expect(receiver.arrivals).toEqual(expect.arrayContaining([...ids]));
  });
});

describe('a receiver that acknowledges nothing', () => {
  it('gets what was sent within the last seconds once more after a failure', async () => {
    const { world, receiver, plan } = aSinkAtWork({ resendMs: 10_000 });
    world.export(plan);
    const old = world.add(2);
    await world.pass(30_000);
    const late = world.add(2);
    await world.pass(3_000);
    expect(await world.progress(plan)).toMatchObject({ cursor: 2, sent: 4 });
    let broken = true;
    receiver.behave((batch) => (broken ? ((broken = false), AWAY) : receiver.keep(batch)));
    const next = world.add(1);
    await world.pass(5_000);
    expect(receiver.arrivals).toEqual([...old, ...late, ...late, ...next]);
    await world.pass(30_000);
    expect((await world.progress(plan)).cursor).toBe(5);
  });

  it('gets it once more from the exporter that comes after one that died', async () => {
    const { world, receiver, plan } = aSinkAtWork({ resendMs: 10_000 });
    const exporter = world.export(plan);
    const ids = world.add(3);
    await world.pass(1_000);
    const stopping = exporter.stop();
    await world.pass(5_000);
    await stopping;
    world.export(plan);
    await world.pass(1_000);
    expect(receiver.arrivals).toEqual([...ids, ...ids]);
  });
});
