import { describe, expect, it } from 'vitest';

import { aSinkAtWork, recordBatches } from './testing/a-sink-at-work.js';

describe('replaying', () => {
  it('sends a range once more, marked and no faster than asked, beside what comes', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    const batches = recordBatches(receiver);
    const ids = world.add(100);
    const exporter = world.export(plan);
    await world.pass(1_000);
    const wish = { replayId: 'r1', from: 11, to: 40, only: null, eventsPerSecond: 10, reason: 'lost an index', askedBy: 'member-1' };
    expect((await world.administration.replay(plan, wish)).ok).toBe(true);
    await world.administration.replay(plan, wish);
    exporter.nudge();
    await world.pass(1_500);
    expect(batches.filter((batch) => batch.replay).flatMap((batch) => batch.events)).toHaveLength(20);
    const live = world.add(1);
    await world.pass(20_000);
    const replayed = batches.filter((batch) => batch.replay).flatMap((batch) => batch.events.map((event) => event.stored.eventId));
    expect(replayed).toEqual(ids.slice(10, 40));
    expect(receiver.arrivals).toEqual(expect.arrayContaining([...live]));
    expect((await world.progress(plan)).replays).toMatchObject([{ state: 'done', delivered: 30, next: 41 }]);
    expect((await world.said()).map(({ type, export: said }) => [type, said?.from_seq, said?.to_seq, said?.asked_by])).toEqual([['export.replay', 11, 40, 'member-1']]);
  });

  it('sends of a range only what the filter lets through, and comes to its end', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    const batches = recordBatches(receiver);
    const wanted = [...world.add(2, { type: 'call.decided', outcome: 'denied' })];
    world.add(3, { type: 'list.served', outcome: 'denied' });
    wanted.push(...world.add(1, { type: 'call.completed', outcome: 'denied' }));
    world.add(2, { type: 'call.completed', outcome: 'allowed' });
    world.export({ ...plan, filter: { types: ['call.*'], outcomes: ['denied'] } });
    await world.pass(12_000);
    await world.administration.replay(plan, { replayId: 'r1', from: 1, to: 8, only: null, eventsPerSecond: 100, reason: 'lost', askedBy: 'm' });
    await world.pass(20_000);
    expect(batches.filter(({ replay }) => replay).flatMap(({ events }) => events.map(({ stored }) => stored.eventId))).toEqual(wanted);
    expect((await world.progress(plan)).replays).toMatchObject([{ state: 'done', delivered: 3, next: 9 }]);
  });

  it('goes on where it was after a restart, and ends when it is cancelled', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    const batches = recordBatches(receiver);
    world.add(100);
    const first = world.export(plan);
    await world.pass(1_000);
    await world.administration.replay(plan, { replayId: 'r1', from: 1, to: 100, only: null, eventsPerSecond: 5, reason: 'x', askedBy: 'm' });
    await world.pass(7_000);
    await first.stop();
    const before = (await world.progress(plan)).replays[0]?.next ?? 0;
    expect(before).toBeGreaterThan(10);
    world.export(plan);
    await world.pass(3_000);
    await world.administration.cancelReplay(plan, 'r1');
    await world.pass(20_000);
    const seqs = batches.filter((batch) => batch.replay).flatMap((batch) => batch.events.map((event) => event.stored.seq));
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, at) => at + 1));
    expect(seqs.length).toBeLessThan(70);
    expect((await world.progress(plan)).replays[0]?.state).toBe('cancelled');
  });

  it('sends dead letters again, which then wait no longer, and others stay', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    const ids = world.add(9);
    const bad = new Set([ids[2], ids[5]]);
    receiver.behave((batch) => (batch.events.some((event) => bad.has(event.stored.eventId)) ? { kind: 'unfit', reason: 'no' } : receiver.keep(batch)));
    const exporter = world.export(plan);
    await world.pass(30_000);
    bad.delete(ids[2]);
    await world.administration.resend(plan, { replayId: 'r1', seqs: [6, 3], reason: 'fixed', askedBy: 'member-1' });
    exporter.nudge();
    await world.pass(30_000);
    expect(await world.store.deadLetters(plan, { state: null, afterSeq: 0, limit: 10 })).toMatchObject([
      { seq: 3, state: 'resent', settledBy: 'member-1' },
      { seq: 6, state: 'waiting' },
    ]);
    expect(receiver.arrivals).toContain(ids[2]);
    expect((await world.progress(plan)).replays).toMatchObject([{ state: 'done', delivered: 1, deadLettered: 1 }]);
  });

  it('refuses a range that the sink has not come to, and more replays than can be overseen', async () => {
    const { world, plan } = aSinkAtWork();
    world.add(5);
    world.export(plan);
    await world.pass(1_000);
    const wish = { from: 1, to: 5, only: null, eventsPerSecond: 1, reason: 'x', askedBy: 'm' };
    for (const bad of [{ to: 6 }, { from: 0 }, { from: 4, to: 3 }, { eventsPerSecond: 0 }, { from: 1.5 }]) {
      expect(await world.administration.replay(plan, { ...wish, ...bad, replayId: 'bad' })).toMatchObject({ ok: false, refusal: { kind: 'bad_range' } });
    }
    for (let n = 0; n < 8; n += 1) expect((await world.administration.replay(plan, { ...wish, replayId: `r${n}` })).ok).toBe(true);
    expect(await world.administration.replay(plan, { ...wish, replayId: 'r9' })).toMatchObject({ ok: false, refusal: { kind: 'too_many' } });
  });
});
