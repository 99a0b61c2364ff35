import { describe, expect, it } from 'vitest';

import { aSinkAtWork, recordBatches } from './testing/a-sink-at-work.js';

describe('exporting', () => {
  it('brings what is there and what comes, in order, and moves the cursor behind it', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    const ids = [...world.add(250)];
    world.export(plan);
    await world.pass(1_000);
    ids.push(...world.add(3));
    await world.pass(1_000);
    expect(receiver.arrivals).toEqual(ids);
    expect(await world.progress(plan)).toMatchObject({ cursor: 253, sent: 253, state: 'active', counters: { delivered: 253 } });
  });

  it('does not move the cursor before the receiver has answered', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    let answer = (): void => undefined;
    receiver.behave((batch) => new Promise((resolve) => (answer = () => resolve(receiver.keep(batch)))));
    world.add(5);
    world.export(plan);
    await world.pass(1_000);
    expect((await world.progress(plan)).cursor).toBe(0);
    answer();
    await world.calm();
    expect((await world.progress(plan)).cursor).toBe(5);
  });

  it('keeps batches within the bounds of count and of bytes', async () => {
    const { world, receiver, plan } = aSinkAtWork({ maxEvents: 7, maxBytes: 20_000 });
    const batches = recordBatches(receiver);
    const ids = [...world.add(20), ...world.add(8, { padding: 6_000 })];
    world.export(plan);
    await world.pass(1_000);
    expect(receiver.arrivals).toEqual(ids);
    expect(Math.max(...batches.map((batch) => batch.events.length))).toBe(7);
    for (const batch of batches) expect(batch.events.reduce((sum, event) => sum + event.stored.line.length, 0)).toBeLessThanOrEqual(20_000);
  });

  it('waits a quarter of a second for a batch to fill, and no longer', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    const batches = recordBatches(receiver);
    world.export(plan);
    await world.pass(10);
    world.add(1);
    await world.pass(200);
    world.add(1);
    expect(batches).toHaveLength(0);
    await world.pass(50);
    expect(batches.map((batch) => batch.events.length)).toEqual([2]);
  });

  it('finds what is new within five seconds when nobody tells it', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    world.export(plan, world.parts({ source: { read: (...asked) => world.source.read(...asked), checkpoint: (stream) => world.source.checkpoint(stream), watch: () => () => undefined } }));
    await world.pass(100);
    const ids = world.add(2);
    await world.pass(5_300);
    expect(receiver.arrivals).toEqual(ids);
  });

  it('sends what the filter lets through, and moves over the rest', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    const wanted = [...world.add(2, { type: 'call.decided', outcome: 'denied' })];
    world.add(3, { type: 'list.served', outcome: 'denied' });
    world.add(3, { type: 'call.completed', outcome: 'allowed' });
    wanted.push(...world.add(1, { type: 'call.completed', outcome: 'denied' }));
    world.add(4, { type: 'auth.failure' });
    world.export({ ...plan, filter: { types: ['call.*'], outcomes: ['denied'] } });
    await world.pass(12_000);
    expect(receiver.arrivals).toEqual(wanted);
    expect(await world.progress(plan)).toMatchObject({ cursor: 13, counters: { delivered: 3, filtered: 10 } });
  });

  it('passes the newest checkpoint along, and names a batch alike in every attempt', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    const batches = recordBatches(receiver, 2);
    world.source.sign(plan.stream, 'a note');
    world.add(4);
    world.export(plan);
    await world.pass(5_000);
    expect(batches).toHaveLength(3);
    expect(new Set(batches.map((batch) => batch.batchId)).size).toBe(1);
    expect(batches[0]).toMatchObject({ checkpoint: 'a note', replay: false });
  });

  it('sends a failed batch again with the same end though more has come meanwhile', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    const batches = recordBatches(receiver, 1);
    world.add(4);
    world.export(plan);
    await world.pass(260);
    world.add(4);
    await world.pass(5_000);
    expect(batches.map((batch) => batch.events.length)).toEqual([4, 4, 4]);
    expect(batches[0]?.batchId).toBe(batches[1]?.batchId);
  });
});

describe('a delivery that hangs', () => {
  it('is told to stop after the deadline, and tried again', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    await receiver.hang();
    const ids = world.add(1);
    world.export(plan);
    await world.pass(30_300);
    expect(await world.progress(plan)).toMatchObject({ state: 'backoff', stateReason: 'stopped' });
    await receiver.back();
    await world.pass(2_000);
    expect(receiver.arrivals).toEqual(ids);
  });

  it('is left to itself when it ignores that, and cannot pile up', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    let deliveries = 0;
    receiver.behave(() => ((deliveries += 1), new Promise(() => undefined)));
    world.add(1);
    const exporter = world.export(plan);
    await world.pass(3_600_000);
    expect(deliveries).toBe(2);
    expect(await world.progress(plan)).toMatchObject({ state: 'backoff', lastError: { class: 'hung' } });
    const stopping = exporter.stop();
    await world.pass(3_000);
    await stopping;
  });
});

describe('two exporters of one sink', () => {
  it('wait for each other: the second sends nothing while the first has the lease', async () => {
    const { world, receiver, plan } = aSinkAtWork();
    const ids = world.add(3);
    const first = world.export(plan);
    await world.pass(1_000);
    world.export(plan);
    await world.pass(120_000);
    expect(receiver.arrivals).toEqual(ids);
    const more = world.add(1);
    await first.stop();
    await world.pass(15_000);
    expect(receiver.arrivals).toEqual([...ids, ...more]);
  });
});
