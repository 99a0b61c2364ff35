import { describe, expect, it } from 'vitest';

import type { OutgoingBatch } from './sink.js';
import { aSinkAtWork } from './testing/a-sink-at-work.js';
import { InProcessReceiver } from './testing/in-process-sink-type.js';

describe('events that the receiver refuses', () => {
  it('finds the poison alone by halving, keeps it as a dead letter, says so, and brings the rest in order', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    const ids = world.add(33);
    await receiver.poison(ids[20] ?? '');
    world.export(plan);
    await world.pass(20_000);
    expect(receiver.arrivals.slice(0, 32)).toEqual(ids.filter((_, at) => at !== 20));
    expect(await world.store.deadLetters(plan, { state: null, afterSeq: 0, limit: 10 })).toMatchObject([{ seq: 21, reason: 'the receiver answers 400', state: 'waiting' }]);
    expect((await world.said()).map(({ type, export: said }) => [type, said?.from_seq, said?.to_seq, said?.reason])).toEqual([
      ['export.dead_letter', 21, 21, 'the receiver answers 400'],
      ['export.gap', 21, 21, 'dead_letter'],
    ]);
    expect(receiver.arrivals).toHaveLength(34);
  });

  it('says so within seconds though the wall clock was set an hour back since it last did', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    receiver.behave((batch) => (batch.events.some(({ event }) => event.type.startsWith('export.')) ? receiver.keep(batch) : { kind: 'unfit', reason: 'no' }));
    const told = async (): Promise<number> => (await world.said()).filter(({ type }) => type === 'export.dead_letter').length;
    world.export(plan);
    world.add(1);
    await world.pass(20_000);
    expect(await told()).toBe(1);
    world.clock.setWall(world.clock.now() - 3_600_000);
    world.add(1);
    await world.pass(20_000);
    expect(await told()).toBe(2);
  });

  it('keeps what was refused one by one, and sends again only what is to come again', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    const batches: OutgoingBatch[] = [];
    const ids = world.add(6);
    receiver.behave((batch) => {
      batches.push(batch);
      if (batches.length > 1) return receiver.keep(batch);
      receiver.keep(batch, (index) => index !== 1 && index !== 3 && index !== 4);
      return { kind: 'partly', rejected: [{ index: 1, reason: 'mapping' }], again: [3, 4], retryAfterMs: 2_000 };
    });
    world.export(plan);
    await world.pass(1_500);
    expect(await world.progress(plan)).toMatchObject({ cursor: 3, state: 'backoff' });
    await world.pass(2_000);
    expect(batches[1]?.events.map((event) => event.stored.eventId)).toEqual([ids[3], ids[4]]);
    expect((await world.progress(plan)).cursor).toBeGreaterThanOrEqual(6);
    expect([...receiver.arrivals].slice(0, 5).sort()).toEqual(ids.filter((_, at) => at !== 1));
  });

  it('never sends an event that is longer than the receiver takes', async () => {
    const { world, receiver, plan } = aSinkAtWork({ maxEventBytes: 3_000 });
    const [small] = world.add(1);
    world.add(1, { padding: 5_000 });
    const [other] = world.add(1);
    world.export(plan);
    await world.pass(1_000);
    expect(receiver.arrivals.slice(0, 2)).toEqual([small, other]);
    expect(await world.store.deadLetter(plan, 2)).toMatchObject({ reason: expect.stringMatching(/3000 at most/) as string });
  });

  it('adds only little to the stream, and ends, when two sinks refuse every event', async () => {
    const { world, receiver, plan } = aSinkAtWork({ maxEvents: 10 });
    const other = new InProcessReceiver();
    for (const refusing of [receiver, other]) refusing.behave(() => ({ kind: 'unfit', reason: 'no' }));
    world.add(300);
    world.export(plan);
    world.export(world.plan(other, { sinkId: 'sink-2' }));
    await world.pass(600_000);
    const said = await world.said();
    expect(said.length).toBeLessThanOrEqual(8);
    await world.pass(3_600_000);
    expect((await world.said()).length).toBe(said.length);
    expect((await world.progress(plan)).cursor).toBe(300 + said.length);
    const gaps = said.filter(({ type, export: about }) => type === 'export.gap' && about?.sink_id === 'sink-1');
    expect(gaps.map(({ export: about }) => [about?.from_seq, about?.to_seq])).toEqual([[1, 1], [2, 300]]);
  });

  it('is paused when it refuses a thousand in a row', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    receiver.behave(() => ({ kind: 'unfit', reason: 'no' }));
    world.add(1_500);
    world.export(plan);
    await world.pass(60_000);
    const progress = await world.progress(plan);
    expect(progress).toMatchObject({ state: 'paused', pauseCause: 'refusing' });
    expect(progress.cursor).toBeLessThan(1_200);
  });
});

describe('gaps', () => {
  it('tells the receiver, in the stream, what went past its retention while it was away', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    await receiver.away();
    world.add(10);
    world.export(plan);
    await world.pass(1_000);
    world.source.expire(plan.stream, 8);
    await receiver.back();
    await world.pass(60_000);
    const [gap] = await world.said();
    expect(gap).toMatchObject({ type: 'export.gap', export: { from_seq: 1, to_seq: 7, count: 7, reason: 'retention' } });
    expect(receiver.arrivals.at(-1)).toBe(gap?.event_id);
    expect(receiver.arrivals).toHaveLength(4);
  });

  it('tells of what an administrator skipped, whatever the filter says', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    await receiver.away();
    world.add(10);
    world.export({ ...plan, filter: { types: ['call.decided'], outcomes: ['allowed'] } });
    await world.pass(1_000);
    await world.administration.skip(plan, { to: 9, newest: 10, askedBy: 'member-1' });
    await receiver.back();
    await world.pass(60_000);
    const [gap] = await world.said();
    expect(gap).toMatchObject({ type: 'export.gap', actor: { kind: 'member', identity_id: 'member-1' }, export: { from_seq: 1, to_seq: 9, reason: 'skipped', asked_by: 'member-1' } });
    expect(receiver.arrivals).toHaveLength(2);
    expect(receiver.arrivals.at(-1)).toBe(gap?.event_id);
  });
});
